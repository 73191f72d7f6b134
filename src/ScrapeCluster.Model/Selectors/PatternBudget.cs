namespace ScrapeCluster.Model;

/// <summary>
/// What all patterns of one question may take together, counted in instructions: a pattern of ten characters can have a hundred thousand, and a question can
/// have thousands of patterns.
/// </summary>
public struct PatternBudget()
{
    private const int MaxInstructions = 1_000_000;

    private int _left = MaxInstructions;

    /// <summary>Null, or why the question is refused.</summary>
    public string? Take(LabelMatcher matcher)
    {
        _left -= matcher.PatternSize;
        return _left >= 0 ? null : "the regular expressions of the request are too large together";
    }
}
