namespace ScrapeCluster.Configuration.Node;

public sealed record RemoteWriteSettings
{
    public required TimeSpan FlushDeadline { get; init; }

    /// <summary>A receiver that does not know remote write 2.0 (415) is sent 1.0 from then on.</summary>
    public required bool FallBackToV1 { get; init; }

    /// <summary>Bytes of the WAL that are kept for what is still to be sent. Zero = no limit.</summary>
    public required long OwedMaxSizeBytes { get; init; }

    /// <summary>For how long; of a server only. Zero = no limit.</summary>
    public required TimeSpan OwedMaxAge { get; init; }

    /// <summary>Names of the blocks whose receivers take samples out of order, separated by commas.</summary>
    public required string OutOfOrderQueues { get; init; }

    public required ReplicaSending Replicas { get; init; }

    /// <summary>With <see cref="ReplicaSending.Primary"/>: a primary that says nothing for so long is gone.</summary>
    public required TimeSpan StandInAfter { get; init; }

    internal static RemoteWriteSettings Read(SettingsReader reader) => new()
    {
        FlushDeadline = reader.Duration("scrapecluster.remote-write.flush-deadline", TimeSpan.Zero, TimeSpan.FromDays(1)),
        FallBackToV1 = reader.Flag("scrapecluster.remote-write.fall-back-to-v1"),
        OwedMaxSizeBytes = reader.Size("scrapecluster.remote-write.owed-max-size", 0, long.MaxValue),
        OwedMaxAge = reader.Duration("scrapecluster.remote-write.owed-max-age", TimeSpan.Zero, TimeSpan.FromDays(365)),
        OutOfOrderQueues = reader.Text("scrapecluster.remote-write.out-of-order-queues"),
        Replicas = reader.Choice<ReplicaSending>("scrapecluster.remote-write.replicas"),
        StandInAfter = reader.Duration("scrapecluster.remote-write.stand-in-after", TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)),
    };

    /// <summary>The names in a list such as <see cref="OutOfOrderQueues"/>.</summary>
    public static IReadOnlySet<string> NamesIn(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
}

/// <summary>What is sent of targets that several nodes scrape.</summary>
public enum ReplicaSending
{
    /// <summary>The samples of every slot, told apart by the label of the replica.</summary>
    All,

    /// <summary>Those of slot 0, without the label; those of slot 1 where slot 0 has none.</summary>
    Primary,
}
