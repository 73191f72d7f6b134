namespace ScrapeCluster.Storage.Appending;

/// <summary>Counts kept by the writing thread, read by anyone.</summary>
internal sealed class StorageCounters
{
    private long _appended;
    private long _outOfOrder;
    private long _outOfBounds;
    private long _walWritesFailed;
    private long _walTruncations;
    private long _walTruncationsFailed;
    private long _headTruncations;
    private long _walCorruptions;
    private long _walDroppedRecords;

    /// <summary>The same, and how far in time, for those who follow the log.</summary>
    public AppendedSamples ToLog { get; } = new();

    public long Appended { get => Volatile.Read(ref _appended); set => Volatile.Write(ref _appended, value); }

    public long OutOfOrder { get => Volatile.Read(ref _outOfOrder); set => Volatile.Write(ref _outOfOrder, value); }

    public long OutOfBounds { get => Volatile.Read(ref _outOfBounds); set => Volatile.Write(ref _outOfBounds, value); }

    public long WalWritesFailed { get => Volatile.Read(ref _walWritesFailed); set => Volatile.Write(ref _walWritesFailed, value); }

    public long WalTruncations { get => Volatile.Read(ref _walTruncations); set => Volatile.Write(ref _walTruncations, value); }

    public long WalTruncationsFailed { get => Volatile.Read(ref _walTruncationsFailed); set => Volatile.Write(ref _walTruncationsFailed, value); }

    /// <summary>Damaged places of the log, met at the start or by a checkpoint.</summary>
    public long WalCorruptions { get => Volatile.Read(ref _walCorruptions); set => Volatile.Write(ref _walCorruptions, value); }

    /// <summary>Records of unknown kinds that checkpoints did not carry.</summary>
    public long WalDroppedRecords { get => Volatile.Read(ref _walDroppedRecords); set => Volatile.Write(ref _walDroppedRecords, value); }

    public long HeadTruncations { get => Volatile.Read(ref _headTruncations); set => Volatile.Write(ref _headTruncations, value); }
}
