namespace ScrapeCluster.Configuration.Node;

/// <summary>Whether others may send samples to <c>/api/v1/write</c>, and what their requests may cost.</summary>
public sealed record RemoteWriteReceiverSettings
{
    public const string EnabledKey = "scrapecluster.remote-write-receiver.enabled";
    public const string MaxBodySizeKey = "scrapecluster.remote-write-receiver.max-body-size";

    public required bool Enabled { get; init; }

    /// <summary>Of one request, packed or unpacked.</summary>
    public required long MaxBodyBytes { get; init; }

    /// <summary>Of all requests together that are being received or wait for their turn.</summary>
    public required long MaxPendingBytes { get; init; }

    /// <summary>Requests that are unpacked and stored at the same time.</summary>
    public required int Concurrency { get; init; }

    internal static RemoteWriteReceiverSettings Read(SettingsReader reader) => new()
    {
        Enabled = reader.Flag(EnabledKey),
        MaxBodyBytes = reader.Size(MaxBodySizeKey, 1024, 1 << 30),
        MaxPendingBytes = reader.Size("scrapecluster.remote-write-receiver.max-pending", 1024, 1L << 40),
        Concurrency = reader.Count("scrapecluster.remote-write-receiver.concurrency", 1, 10_000),
    };
}
