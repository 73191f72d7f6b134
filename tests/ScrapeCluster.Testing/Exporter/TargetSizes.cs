namespace ScrapeCluster.Testing.Exporter;

/// <summary>Series of many targets as they are found in the field: most are small, a few are a hundred times as large. The same in every run.</summary>
public static class TargetSizes
{
    public const int Least = 10;
    public const int Most = 5_000;
    private const double Median = 100;
    private const double Spread = 1.5;

    /// <summary>Log-normal, cut at both ends.</summary>
    public static IReadOnlyList<int> HeavyTailed(int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ => (int)Math.Clamp(Median * Math.Exp(Spread * Normal(random)), Least, Most))];
    }

    private static double Normal(Random random)
    {
        return Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
    }
}
