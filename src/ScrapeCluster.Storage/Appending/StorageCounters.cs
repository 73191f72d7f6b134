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

    public long Appended { get => Volatile.Read(ref _appended); set => Volatile.Write(ref _appended, value); }

    public long OutOfOrder { get => Volatile.Read(ref _outOfOrder); set => Volatile.Write(ref _outOfOrder, value); }

    public long OutOfBounds { get => Volatile.Read(ref _outOfBounds); set => Volatile.Write(ref _outOfBounds, value); }

    public long WalWritesFailed { get => Volatile.Read(ref _walWritesFailed); set => Volatile.Write(ref _walWritesFailed, value); }

    public long WalTruncations { get => Volatile.Read(ref _walTruncations); set => Volatile.Write(ref _walTruncations, value); }

    public long WalTruncationsFailed { get => Volatile.Read(ref _walTruncationsFailed); set => Volatile.Write(ref _walTruncationsFailed, value); }

    public long HeadTruncations { get => Volatile.Read(ref _headTruncations); set => Volatile.Write(ref _headTruncations, value); }
}
