using ScrapeCluster.Model;
using ScrapeCluster.Storage.Opening;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage;

/// <summary>
/// What a node keeps its samples in: <see cref="LocalStorage"/>, or in agent mode <see cref="Agent.AgentStorage"/>, which has the log alone. In order: opened
/// by its <c>TryOpen</c>, <see cref="Replay"/>, <see cref="StorageProps"/>, disposed of after the actor has stopped.
/// </summary>
public interface INodeStorage : IDisposable
{
    /// <summary>Sees what is there so far, all the time. In agent mode that is nothing.</summary>
    StorageQuery Query { get; }

    ReplayProgress Progress { get; }

    string WalDirectory { get; }

    /// <summary>How far the log is written, for those who follow it. Only after <see cref="Replay"/>.</summary>
    WalPublication WalPublished { get; }

    /// <summary>What the log has been given since the start.</summary>
    AppendedSamples Appended { get; }

    /// <summary>Places in the log that could not be read, torn ends included.</summary>
    long Corruptions { get; }

    /// <summary>Reads the log, mends it, and opens it for writing; on a thread of its own, as it may take a while. Null, or what failed.</summary>
    string? Replay(CancellationToken cancellation = default);

    /// <summary>The actor that takes <see cref="SampleBatch"/>es. Only after <see cref="Replay"/>, and once.</summary>
    /// <param name="pool">Where batches go back to.</param>
    /// <param name="fatal">Ends the process: called for an unexpected exception, after which memory and log may differ.</param>
    Props StorageProps(SampleBatchPool pool, Action<Exception> fatal);
}
