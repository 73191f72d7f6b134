using ScrapeCluster.Storage.Wal.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>What became of a damaged segment.</summary>
/// <param name="First">The first damage in the segment.</param>
/// <param name="RecordsKeptBehind">Readable records behind the damage, which stay.</param>
/// <param name="Copy">The damaged bytes as they were, kept until a checkpoint passes them; null when only a torn end was cut off.</param>
/// <param name="Failure">Null, or why the segment could not be mended: this program reads it as it is, others may not.</param>
public sealed record WalRepairOutcome(WalDamage First, long RecordsKeptBehind, string? Copy, string? Failure)
{
    /// <summary>Nothing stood behind the damage: the torn end of a crash.</summary>
    public bool IsTornEnd => RecordsKeptBehind == 0;
}

/// <summary>
/// Leaves a directory that every reader of the format opens. A torn end is cut off. A segment with damage in the middle is
/// written again from all records that can be read, before and behind the damage; Prometheus would drop everything behind
/// it, later segments included. Run it after the log was read and before it is opened for writing.
/// </summary>
public static class WalRepair
{
    internal const string CopySuffix = ".damaged";
    internal const string RewriteSuffix = ".repair";

    public static IReadOnlyList<WalRepairOutcome> Repair(IReadOnlyList<WalDamage> damages)
    {
        var outcomes = new List<WalRepairOutcome>();
        foreach (var first in damages.DistinctBy(damage => damage.File))
        {
            outcomes.Add(RepairSegment(first));
        }

        return outcomes;
    }

    private static WalRepairOutcome RepairSegment(WalDamage first)
    {
        try
        {
            var (goodEnd, behind) = Survey(first.File, first.Segment);
            if (behind == 0)
            {
                CutEnd(first.File, goodEnd);
                return new WalRepairOutcome(first, 0, null, null);
            }

            var copy = first.File + CopySuffix;
            File.Copy(first.File, copy, overwrite: true);
            Rewrite(first.File, first.Segment);
            return new WalRepairOutcome(first, behind, copy, null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new WalRepairOutcome(first, 0, null, failure.Message);
        }
    }

    /// <summary>The end of the last record before the first damage, and the number of records behind it.</summary>
    private static (long GoodEnd, long Behind) Survey(string path, int segment)
    {
        using var reader = new SegmentReader(path, segment);
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

    private static void CutEnd(string path, long goodEnd)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.SetLength(file, goodEnd);
        RandomAccess.FlushToDisk(file);
    }

    private static void Rewrite(string path, int segment)
    {
        var rewritten = path + RewriteSuffix;
        File.Delete(rewritten);
        using (var reader = new SegmentReader(path, segment))
        using (var file = DiskWalFiles.Instance.Create(rewritten))
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

        File.Move(rewritten, path, overwrite: true);
        FolderSync.Flush(Path.GetDirectoryName(path)!);
    }
}
