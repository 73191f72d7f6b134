namespace ScrapeCluster.Configuration.Node;

/// <summary>What one question for stored series may cost.</summary>
public sealed record ReadSettings
{
    /// <summary>Of one answer. Zero = not limited.</summary>
    public required int MaxSeries { get; init; }

    /// <summary>Of one answer. Zero = not limited.</summary>
    public required int MaxSamples { get; init; }

    /// <summary>Remote reads answered at the same time; more wait. Zero = not limited.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Of one message of a streamed remote read, up to the last chunk in it.</summary>
    public required long FrameSizeBytes { get; init; }

    /// <summary>Of one remote read, waiting included.</summary>
    public required TimeSpan Timeout { get; init; }

    internal static ReadSettings Read(SettingsReader reader) => new()
    {
        MaxSeries = reader.Count("scrapecluster.reads.max-series", 0, int.MaxValue),
        MaxSamples = reader.Count("scrapecluster.reads.max-samples", 0, int.MaxValue),
        Concurrency = reader.Count("scrapecluster.reads.concurrency", 0, 10_000),
        FrameSizeBytes = reader.Size("scrapecluster.reads.frame-size", 1024, 32 << 20),
        Timeout = reader.Duration("scrapecluster.reads.timeout", TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
    };
}
