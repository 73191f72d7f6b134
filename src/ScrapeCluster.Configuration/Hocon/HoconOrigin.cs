namespace ScrapeCluster.Configuration.Hocon;

/// <summary>Where a value was written. Line 0 = the source as a whole.</summary>
public readonly record struct HoconOrigin(string Source, int Line)
{
    public override string ToString() => Line == 0 ? Source : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Source}:{Line}");
}
