namespace ScrapeCluster.Storage.Wal;

/// <summary>How much of the log, and for how long, stays for remote write when nobody else needs it. Beyond either the oldest segments go unsent.</summary>
public sealed record OwedLimits
{
    /// <summary>Bytes from the lowest place that is owed to the end of the log. Zero = no limit.</summary>
    public long MaxBytes { get; init; } = 8L << 30;

    /// <summary>Since a segment was last written to. Zero = no limit.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What an operator changes to have more, for messages.</summary>
    internal string SizeSetting { get; init; } = "scrapecluster.remote-write.owed-max-size";

    /// <inheritdoc cref="SizeSetting"/>
    internal string AgeSetting { get; init; } = "scrapecluster.remote-write.owed-max-age";
}
