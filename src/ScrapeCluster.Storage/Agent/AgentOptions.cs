using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Agent;

/// <summary>How the data directory of an agent is kept. Defaults: Prometheus tsdb/agent/db.go.</summary>
/// <param name="Path">The data directory, with Prometheus's layout below: <c>wal/</c>, <c>lock</c>.</param>
public sealed record AgentOptions(string Path)
{
    /// <summary>How often old samples, series without new ones and log segments are looked for.</summary>
    public TimeSpan TruncateInterval { get; init; } = TimeSpan.FromHours(2);

    /// <summary>Series that have no new sample stay known for at least so long behind what was sent.</summary>
    public TimeSpan MinTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What is older goes, sent or not.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromHours(4);

    public WalOptions Wal { get; init; } = new();

    /// <summary>What remote write still has to send.</summary>
    public OwedLog Owed { get; init; } = new();

    /// <summary>So many bytes of it are kept; for how long is <see cref="MaxTime"/>. Zero = no limit.</summary>
    public long OwedMaxBytes { get; init; } = new OwedLimits().MaxBytes;

    /// <summary>As in Prometheus, the longest time is never shorter than the pause between two looks.</summary>
    internal TimeSpan LongestTime => MaxTime > TruncateInterval ? MaxTime : TruncateInterval;

    internal OwedLimits OwedLimits => new() { MaxBytes = OwedMaxBytes, MaxAge = LongestTime, AgeSetting = "--storage.agent.retention.max-time" };

    internal string WalPath => System.IO.Path.Combine(Path, "wal");
}
