using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>What became of a damaged segment.</summary>
/// <param name="First">The first damage in the segment.</param>
/// <param name="RecordsKeptBehind">Readable records behind the damage, which stay.</param>
/// <param name="Copy">The damaged bytes as they were, kept until a checkpoint passes them; null when nothing but the end was cut off.</param>
/// <param name="Failure">Null, or why the segment could not be mended: this program reads it as it is, others may not.</param>
public sealed record WalRepairOutcome(WalDamage First, long RecordsKeptBehind, string? Copy, string? Failure)
{
    /// <summary>Readable records behind the damage in the same segment that went with it.</summary>
    public long RecordsDropped { get; init; }

    /// <summary>Later segments that went, empty ones aside.</summary>
    public int SegmentsDropped { get; init; }

    /// <summary>Nothing stood behind the damage: the torn end of a crash.</summary>
    public bool IsTornEnd => RecordsKeptBehind == 0 && RecordsDropped == 0 && SegmentsDropped == 0;
}

/// <summary>
/// Leaves a directory that every reader of the format opens. A torn end is cut off. A segment with damage in the middle is
/// written again from all records that can be read, before and behind the damage; or, as Prometheus does it (<see cref="WalRepairMode.Cut"/>),
/// it ends before the damage and later segments go. Run it after the log was read and before it is opened for writing.
/// </summary>
public static class WalRepair
{
    internal const string CopySuffix = ".damaged";
    internal const string RewriteSuffix = ".repair";

    private const int CopyBytes = 256 * 1024;

    public static IReadOnlyList<WalRepairOutcome> Repair(IReadOnlyList<WalDamage> damages, WalRepairMode mode = WalRepairMode.Keep) =>
        Repair(damages, mode, DiskFiles.Instance);

    internal static IReadOnlyList<WalRepairOutcome> Repair(IReadOnlyList<WalDamage> damages, WalRepairMode mode, IDataFiles files)
    {
        var outcomes = new List<WalRepairOutcome>();
        foreach (var first in damages.DistinctBy(damage => damage.File))
        {
            var isCut = mode == WalRepairMode.Cut && !IsInCheckpoint(first);
            outcomes.Add(RepairSegment(first, isCut, files));
            if (isCut)
            {
                break;
            }
        }

        return outcomes;
    }

    /// <summary>There the numbers of segments are others, and all of it stands for what is gone: what can be read of it stays.</summary>
    private static bool IsInCheckpoint(WalDamage damage) =>
        Path.GetFileName(Path.GetDirectoryName(damage.File))!.StartsWith(WalFormat.CheckpointPrefix, StringComparison.Ordinal);

    private static WalRepairOutcome RepairSegment(WalDamage first, bool isCut, IDataFiles files)
    {
        try
        {
            var (goodEnd, behind) = Survey(first.File, first.Segment, files);
            if (isCut)
            {
                var dropped = DropSegmentsBehind(first, files);
                CutEnd(first.File, goodEnd, files);
                return new WalRepairOutcome(first, 0, null, null) { RecordsDropped = behind, SegmentsDropped = dropped };
            }

            if (behind == 0)
            {
                CutEnd(first.File, goodEnd, files);
                return new WalRepairOutcome(first, 0, null, null);
            }

            var copy = first.File + CopySuffix;
            Copy(first.File, copy, files);
            Rewrite(first.File, first.Segment, files);
            return new WalRepairOutcome(first, behind, copy, null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new WalRepairOutcome(first, 0, null, failure.Message);
        }
    }

    /// <summary>The end of the last record before the first damage, and the number of records behind it.</summary>
    private static (long GoodEnd, long Behind) Survey(string path, int segment, IDataFiles files)
    {
        using var reader = new SegmentReader(path, segment, files);
        long? goodEnd = null;
        var behind = 0L;
        while (true)
        {
            if (reader.TryRead(out _))
            {
                behind += goodEnd is null ? 0 : 1;
            }
            else if (reader.Damage is not null)
            {
                goodEnd ??= reader.GoodEnd;
                reader.SkipDamage();
            }
            else
            {
                return (goodEnd ?? reader.GoodEnd, behind);
            }
        }
    }

    /// <summary>Newest first, and before the damage itself: an interrupted repair finds the same damage again.</summary>
    private static int DropSegmentsBehind(WalDamage damage, IDataFiles files)
    {
        var directory = Path.GetDirectoryName(damage.File)!;
        var behind = WalFormat.Segments(directory).Where(segment => segment > damage.Segment).Reverse().ToList();
        var dropped = 0;
        foreach (var path in behind.Select(segment => WalFormat.SegmentPath(directory, segment)))
        {
            // An empty one was made beforehand and never used.
            dropped += new FileInfo(path).Length > 0 ? 1 : 0;
            files.Delete(path);
        }

        files.FlushFolder(directory);
        return dropped;
    }

    private static void CutEnd(string path, long goodEnd, IDataFiles files)
    {
        using var file = files.Open(path);
        file.SetLength(goodEnd);
        file.FlushToDisk();
    }

    private static void Copy(string path, string copy, IDataFiles files)
    {
        using var source = files.OpenToRead(path);
        files.Delete(copy);
        using var target = files.Create(copy);
        var buffer = new byte[CopyBytes];
        var length = 0L;
        for (var read = source.ReadAt(buffer, 0); read > 0; read = source.ReadAt(buffer, length))
        {
            target.Write(buffer.AsSpan(0, read), length);
            length += read;
        }

        target.FlushToDisk();
    }

    private static void Rewrite(string path, int segment, IDataFiles files)
    {
        var rewritten = path + RewriteSuffix;
        files.Delete(rewritten);
        using (var reader = new SegmentReader(path, segment, files))
        using (var file = files.Create(rewritten))
        {
            var framer = new RecordFramer(compress: true);
            var batch = new WalBatch();
            var length = 0L;
            while (true)
            {
                if (reader.TryRead(out var record))
                {
                    batch.Clear();
                    batch.AddRecord(record);
                    var bytes = framer.Frame(batch, length);
                    file.Write(bytes, length);
                    length += bytes.Length;
                }
                else if (reader.Damage is not null)
                {
                    reader.SkipDamage();
                }
                else
                {
                    break;
                }
            }

            file.FlushToDisk();
        }

        files.Move(rewritten, path);
        files.FlushFolder(Path.GetDirectoryName(path)!);
    }
}
