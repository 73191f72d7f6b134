using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Appending;

/// <summary>
/// Keeping the directory below the retention size: the oldest part of the head goes, with its chunk files, and the oldest segments behind a checkpoint,
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

    /// <summary>Bytes of log and chunk files, which is all that is written here.</summary>
    private long BytesOnDisk => Bytes(_options.WalPath) + (_head.Files?.Bytes ?? 0);

    private bool BeginSizeCut(double spanMs)
    {
        if (_options.RetentionSizeBytes <= 0)
        {
            return false;
        }

        var limit = _options.RetentionSizeBytes;
        var bytes = BytesOnDisk;
        if (bytes <= Math.Max(limit, _incompressibleBytes * Growth))
        {
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
        var wanted = Bytes(_options.WalPath) * cut.Share;
        int? last = null;
        foreach (var segment in WalFormat.Segments(_options.WalPath).Where(segment => segment < _wal.SegmentIndex))
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

    private static long Bytes(string directory)
    {
        return new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }
}
