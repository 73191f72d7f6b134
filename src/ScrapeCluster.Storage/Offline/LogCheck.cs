using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Offline;

/// <summary>Checks the segments of a log and of its checkpoints: pages, records, what is in the records, and whether a segment is missing.</summary>
/// <param name="isHeld">Somebody writes into it: what is torn at its end is not finished yet.</param>
internal sealed class LogCheck(string walDirectory, bool isHeld, Action<DirectoryFault> tell)
{
    public int Segments { get; private set; }

    public long Records { get; private set; }

    public long Bytes { get; private set; }

    public void Run(CancellationToken cancellation)
    {
        // The segments first: one that goes meanwhile is in a checkpoint that is seen then.
        var segments = WalFormat.Segments(walDirectory);
        var checkpoints = WalFormat.Checkpoints(walDirectory);
        foreach (var checkpoint in checkpoints)
        {
            CheckAll(WalFormat.CheckpointPath(walDirectory, checkpoint), isLog: false, cancellation);
        }

        if (checkpoints is [.., var last] && segments is [var first, ..] && first > last + 1)
        {
            Tell(walDirectory, 0, $"segment {WalFormat.SegmentName(last + 1)} is missing behind the checkpoint, the log begins with {WalFormat.SegmentName(first)}");
        }

        CheckAll(walDirectory, isLog: true, cancellation);
        CheckReserve();
    }

    private void CheckAll(string directory, bool isLog, CancellationToken cancellation)
    {
        var segments = WalFormat.Segments(directory);
        for (var i = 0; i < segments.Count; i++)
        {
            if (i > 0 && segments[i] != segments[i - 1] + 1)
            {
                Tell(directory, 0, $"segment {WalFormat.SegmentName(segments[i - 1] + 1)} is missing, {WalFormat.SegmentName(segments[i])} follows");
            }

            Try(WalFormat.SegmentPath(directory, segments[i]), segments[i], isHeld && isLog && i == segments.Count - 1, cancellation);
        }
    }

    private void Try(string path, int segment, bool isWrittenTo, CancellationToken cancellation)
    {
        try
        {
            using var reader = new SegmentReader(path, segment);
            Check(reader, path, isWrittenTo, cancellation);
            Segments++;
            Bytes += reader.Limit;
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            // It was in the way of a checkpoint.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            tell(new DirectoryFault(path, 0, $"cannot be read: {failure.Message}", IsUnread: true));
        }
    }

    private void Check(SegmentReader reader, string path, bool isWrittenTo, CancellationToken cancellation)
    {
        // Told when a record follows: at the end of a log that is written to it may be a part of one.
        List<WalDamage> pending = [];
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (reader.TryRead(out var record))
            {
                pending.ForEach(Tell);
                pending.Clear();
                Records++;
                if (FaultOf(record) is { } fault)
                {
                    Tell(path, reader.RecordOffset, fault);
                }
            }
            else if (reader.Damage is { } damage)
            {
                pending.Add(damage);
                reader.SkipDamage();
            }
            else
            {
                break;
            }
        }

        if (!isWrittenTo)
        {
            pending.ForEach(Tell);
        }
    }

    /// <summary>Of a record whose checksum is right.</summary>
    private static string? FaultOf(ReadOnlySpan<byte> record)
    {
        if (record.IsEmpty)
        {
            return null;
        }

        var type = RecordKinds.Of(record);
        if (type == WalRecordType.Unknown)
        {
            return $"a record of type {record[0]}, which is not known: of a newer Prometheus, or damaged";
        }

        var isBroken = type switch
        {
            WalRecordType.Series => IsBroken(new SeriesRecordReader(record)),
            WalRecordType.Samples => IsBroken(new SamplesRecordReader(record)),
            WalRecordType.Tombstones => IsBroken(new TombstonesRecordReader(record)),
            _ => PassedRecord.Of(record).IsBroken,
        };
        return isBroken ? $"a record of {RecordKinds.All.First(kind => kind.Type == type).Name} ends inside of an entry" : null;
    }

    private static bool IsBroken(SeriesRecordReader entries)
    {
        while (entries.MoveNext())
        {
        }

        return entries.IsBroken;
    }

    private static bool IsBroken(SamplesRecordReader entries)
    {
        while (entries.MoveNext())
        {
        }

        return entries.IsBroken;
    }

    private static bool IsBroken(TombstonesRecordReader entries)
    {
        while (entries.MoveNext())
        {
        }

        return entries.IsBroken;
    }

    private void CheckReserve()
    {
        var path = Path.Combine(walDirectory, SeriesRefReserve.FileName);
        try
        {
            if (!SeriesRefReserve.IsWhole(path))
            {
                Tell(path, 0, "not a number with its checksum");
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            tell(new DirectoryFault(path, 0, $"cannot be read: {failure.Message}", IsUnread: true));
        }
    }

    private void Tell(WalDamage damage) => Tell(damage.File, damage.Offset, damage.Reason);

    private void Tell(string file, long offset, string reason) => tell(new DirectoryFault(file, offset, reason));
}
