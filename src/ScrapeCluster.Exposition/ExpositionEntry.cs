namespace ScrapeCluster.Exposition;

/// <summary>What stands at the parser's current entry.</summary>
public enum ExpositionEntry : byte
{
    None,
    Series,
    Type,
    Help,
    Unit,
    Comment,
}
