using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// Keeping log and chunk files below the retention size, where blocks alone could not (<see cref="Compaction.RetentionRule"/>): the oldest part of the head goes, with its chunk files, and the oldest segments behind a checkpoint,
/// in proportion. What is left is the same in memory and after a restart.
/// </summary>
internal sealed partial class StorageWriter
{
    /// <summary>Cut down to this share of the limit, so that the next cut is not due at once.</summary>
    private const double CutTo = 0.9;

    /// <summary>What a cut leaves above the limit, such as a log of nothing but series, has to grow by this before it is worth another try.</summary>
    private const double Growth = 1.1;

    private SizeCut? _sizeCut;
    private double _incompressibleBytes;

    /// <param name="Share">Of the head's time and of the log's bytes.</param>
    private readonly record struct SizeCut(double Share, long BytesBefore);

    private long BytesOnDisk => HeadBytes.OnDisk(_options, _head);

    /// <summary>What log and chunk files are to lose, once they are above the retention size.</summary>
    public static long BytesOver(StorageOptions options, HeadBlock head)
    {
        var bytes = options.RetentionSizeBytes > 0 ? HeadBytes.OnDisk(options, head) : 0;
        return bytes > options.RetentionSizeBytes ? bytes - (long)(options.RetentionSizeBytes * CutTo) : 0;
    }

    private bool BeginSizeCut(double spanMs)
    {
        // While chunks are on their way to a file nobody knows what the files take.
        if (_options.RetentionSizeBytes <= 0 || _flush is not null)
        {
            return false;
        }

        var limit = _options.RetentionSizeBytes;
        var bytes = BytesOnDisk;
        if (bytes <= Math.Max(limit, _incompressibleBytes * Growth))
        {
            return false;
        }

        if (_owed.HasOld)
        {
            // What waits for remote write alone goes first, at this look or at the next.
            return false;
        }

        var share = (bytes - (limit * CutTo)) / bytes;
        var minMs = _head.MinTimeMs + (long)(spanMs * share);
        LogOverSize(_options.Path, bytes, limit, minMs);
        _sizeCut = new SizeCut(share, bytes);
        TruncateBefore(minMs);
        return true;
    }

    /// <summary>The last of the closed segments that make up the share; null when none is closed.</summary>
    private int? LastSegmentOf(SizeCut cut)
    {
        var wanted = HeadBytes.OfFolder(_options.WalPath) * cut.Share;
        int? last = null;
        foreach (var segment in WalFormat.SegmentsBehindCheckpoint(_options.WalPath).Where(segment => segment < _wal.SegmentIndex))
        {
            last = segment;
            wanted -= new FileInfo(WalFormat.SegmentPath(_options.WalPath, segment)).Length;
            if (wanted <= 0)
            {
                break;
            }
        }

        return last;
    }

    private void EndSizeCut()
    {
        if (_sizeCut is { } cut)
        {
            _sizeCut = null;
            var bytes = BytesOnDisk;
            _incompressibleBytes = bytes > cut.BytesBefore * 0.99 ? bytes : 0;
        }
    }
}
