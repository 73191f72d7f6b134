using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Keeps references of series from being given twice. What the log still holds does not tell which were given: a checkpoint drops series that ended, a power
/// cut takes the log's end, and chunk files or a remote-write position may speak of them all the same. So a small file beside the segments
/// (<c>series_refs</c>) holds a number that no reference in use exceeds; it is raised in large steps, on the disk before the first reference of the step is
/// used, and set back to the exact one at an orderly end.
/// </summary>
internal sealed class SeriesRefReserve
{
    /// <summary>What a crash wastes at most. Prometheus takes references up to 2^40.</summary>
    public const ulong Step = 1 << 20;

    public const string FileName = "series_refs";

    private readonly string _path;
    private readonly IDataFiles _files;
    private ulong _limit;

    private SeriesRefReserve(string path, IDataFiles files)
    {
        _path = path;
        _files = files;
    }

    /// <summary>No reference above was ever given; 0 where there is no file, as in a directory that Prometheus wrote.</summary>
    public ulong Limit => _limit;

    /// <summary>True when the file was there and could not be understood.</summary>
    public bool IsDamaged { get; private set; }

    public static SeriesRefReserve Open(string walDirectory, IDataFiles files)
    {
        var reserve = new SeriesRefReserve(Path.Combine(walDirectory, FileName), files);
        files.Delete(reserve.Unfinished);
        if (files.ReadAllIfThere(reserve._path) is { } bytes)
        {
            reserve.IsDamaged = !TryRead(bytes, out reserve._limit);
        }

        return reserve;
    }

    /// <summary>For those who only look: false when the file is there and could not be understood.</summary>
    public static bool IsWhole(string path) => DiskFiles.Instance.ReadAllIfThere(path) is not { } bytes || TryRead(bytes, out _);

    /// <summary>Makes sure that references up to this one may be used: null, or why not.</summary>
    public WalWriteFault? Cover(ulong seriesRef) => seriesRef <= _limit ? null : TryWrite(seriesRef + Step);

    /// <summary>At an orderly end: nothing above was given.</summary>
    public void Release(ulong highest)
    {
        if (highest < _limit)
        {
            // A fault costs the rest of the step, nothing else.
            _ = TryWrite(highest);
        }
    }

    private string Unfinished => _path + ".tmp";

    private WalWriteFault? TryWrite(ulong limit)
    {
        try
        {
            _files.Delete(Unfinished);
            using (var file = _files.Create(Unfinished))
            {
                file.Write(Format(limit), 0);
                file.FlushToDisk();
            }

            _files.Move(Unfinished, _path);
            _files.FlushFolder(Path.GetDirectoryName(_path)!);
            _limit = limit;
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return WalWriteFault.Of(_path, 0, failure);
        }
    }

    private static byte[] Format(ulong limit)
    {
        var number = Encoding.ASCII.GetBytes(limit.ToString(CultureInfo.InvariantCulture));
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{limit} {WalChecksum.Compute(number):x8}\n"));
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out ulong limit)
    {
        if (Utf8Parser.TryParse(bytes, out limit, out _) && Format(limit).AsSpan().SequenceEqual(bytes))
        {
            return true;
        }

        limit = 0;
        return false;
    }
}
