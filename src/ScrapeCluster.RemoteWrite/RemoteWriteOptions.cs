using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.RemoteWrite.StandIns;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite;

/// <summary>What the node hands over.</summary>
/// <param name="WalDirectory">The log that is followed.</param>
/// <param name="Published">How far it is written.</param>
/// <param name="PositionDirectory">Where the queues keep how far they are; made when it is missing.</param>
/// <param name="FlushDeadline">How long a removed queue may send what it owes.</param>
/// <param name="UserAgent">Sent with every request, such as <c>ScrapeCluster/1.0</c>.</param>
public sealed record RemoteWriteOptions(string WalDirectory, WalPublication Published, string PositionDirectory, TimeSpan FlushDeadline, string UserAgent)
{
    /// <summary>The folder of the positions in a data directory.</summary>
    public const string PositionFolderName = "remote-write";

    /// <summary>The metadata of all active targets, asked for at every <c>send_interval</c> from any thread; null sends none.</summary>
    public Func<IEnumerable<MetadataEntry>>? Metadata { get; init; }

    /// <summary>A receiver that does not know remote write 2.0 is sent 1.0 from then on.</summary>
    public bool FallsBackToV1 { get; init; }

    /// <summary>What the log has been given.</summary>
    public AppendedSamples Appended { get; init; } = new();

    /// <summary>Says what of the log may be sent now; null: all of it.</summary>
    public SendingGate? Gate { get; init; }

    /// <summary>Not null: of the slots of a target one speaks at a time. Null: each slot's samples are sent, as a series of its own.</summary>
    public ReplicaNews? Replicas { get; init; }

    /// <summary>Names of the blocks whose receivers take samples that are older than others of their series.</summary>
    public IReadOnlySet<string> OutOfOrderQueues { get; init; } = new HashSet<string>();

    /// <summary>Where the queues tell how far they are.</summary>
    public SentProgress Progress { get; init; } = new();

    /// <summary>Where the queues tell what they still need of the log; told that all are known once a configuration was applied.</summary>
    public OwedLog Owed { get; init; } = new();
}
