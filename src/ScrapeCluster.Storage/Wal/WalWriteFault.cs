namespace ScrapeCluster.Storage.Wal;

/// <summary>Why a batch is not in the log. Nothing of it is: the segment was cut back, or will be before the next append.</summary>
/// <param name="DiskFull">True when room on the disk is all that is missing.</param>
public sealed record WalWriteFault(string File, long Offset, string Reason, bool DiskFull)
{
    private const int NoSpaceErrno = 28;
    private const int QuotaErrno = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    internal static WalWriteFault Of(string file, long offset, Exception failure) => new(file, offset, failure.Message, IsDiskFull(failure));

    internal static bool IsDiskFull(Exception failure) => failure is IOException { HResult: NoSpaceErrno or QuotaErrno or WindowsDiskFull };

    /// <summary>For those whose faults are exceptions.</summary>
    internal IOException ToException() => DiskFull ? new IOException(ToString(), NoSpaceErrno) : new IOException(ToString());

    public override string ToString() => $"write-ahead log {File} at offset {Offset}: {Reason}";
}
