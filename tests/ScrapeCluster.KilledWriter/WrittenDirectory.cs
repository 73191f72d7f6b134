using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.KilledWriter;

/// <summary>One directory in one life of the process.</summary>
/// <param name="next">The first batch to append; all below were acknowledged.</param>
/// <param name="uncertain">But for these, whose answer nobody saw.</param>
internal sealed class WrittenDirectory(
    string path, WalSyncPolicy sync, long next, IReadOnlySet<long> uncertain, KillPoint point, Action<string> say)
{
    /// <summary>So many segments remote write is behind.</summary>
    private const int SegmentsBehind = 6;

    private readonly OwedLog _owed = OwedLog.AwaitingQueues();
    private readonly string _positionFile = path + ".position";
    private LocalStorage? _storage;
    private StorageUpkeep? _upkeep;

    /// <summary>Returns only with a fault.</summary>
    public string Write()
    {
        var files = new KillingFiles(point, () => _upkeep?.IsHeadBeingWritten ?? false, say);
        if (Open(files) is { } fault)
        {
            return fault;
        }

        say(string.Create(CultureInfo.InvariantCulture, $"o {_storage!.Corruptions}"));
        files.EndOpening();
        _upkeep = new StorageUpkeep(_storage);
        using var part = _owed.Add("behind", ReadPosition());
        _owed.NoteAllKnown();
        return Append(_storage, _upkeep, part);
    }

    private string? Open(KillingFiles files)
    {
        var options = BusyDirectory.Options(path, sync) with { Owed = _owed };
        if (!LocalStorage.TryOpen(options, new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out _storage, out var fault))
        {
            return fault;
        }

        return _storage.ReplayWith(files)
            ?? StoredBatches.Check(_storage, options.RetentionTime, next, uncertain, out _)
            ?? (_storage.ChunkCorruptions > 0 ? "a chunk file is damaged" : null)
            ?? OwedFault(_storage);
    }

    /// <summary>All that was owed when the life before ended is there, with its series.</summary>
    private string? OwedFault(LocalStorage storage)
    {
        var position = ReadPosition();
        var (_, unknown, lost, _) = OwedReading.From(storage.WalDirectory, storage.WalPublished, position);
        return unknown + lost == 0 ? null : string.Create(
            CultureInfo.InvariantCulture, $"of the log from {position} on {lost} segments are gone, and {unknown} samples have no series");
    }

    private WalPosition ReadPosition() => new(File.Exists(_positionFile) ? int.Parse(File.ReadAllText(_positionFile), CultureInfo.InvariantCulture) : 0, 0);

    /// <summary>As a queue does: on the disk before the storage hears of it.</summary>
    private void MovePosition(OwedPart part, int segment)
    {
        if (segment <= part.Position.Segment)
        {
            return;
        }

        var unfinished = _positionFile + ".tmp";
        File.WriteAllText(unfinished, segment.ToString(CultureInfo.InvariantCulture));
        File.Move(unfinished, _positionFile, overwrite: true);
        part.Position = new WalPosition(segment, 0);
    }

    private string Append(LocalStorage storage, StorageUpkeep upkeep, OwedPart part)
    {
        var sent = new SampleBatchPool().Rent();
        for (var batch = next; ; batch++)
        {
            sent.Truncate(0);
            NumberedBatches.Fill(sent, batch);
            var result = storage.Writer.Append(sent);
            if ((result.Error ?? (storage.Writer.NeedsSync ? storage.Writer.Sync() : null)) is { } error)
            {
                return string.Create(CultureInfo.InvariantCulture, $"batch {batch} is not stored: {error}");
            }

            if (result.Refused.Length > 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"batch {batch} is refused: {result.Refused[0].Reason}");
            }

            say(string.Create(CultureInfo.InvariantCulture, $"a {batch}"));
            if (batch % BusyDirectory.BatchesPerTick == 0)
            {
                MovePosition(part, storage.WalPublished.Position.Segment - SegmentsBehind);
                upkeep.Tick();
                Hold(storage, upkeep);
            }
            else
            {
                upkeep.Continue();
            }
        }
    }

    /// <summary>The clock of this directory is far faster than its disk: what is due gets its time.</summary>
    private static void Hold(LocalStorage storage, StorageUpkeep upkeep)
    {
        while (storage.Head.MaxTimeMs - storage.Head.MinTimeMs > BusyDirectory.MostInHeadMs && !upkeep.IsIdle)
        {
            upkeep.Wait();
            upkeep.Continue();
        }
    }
}
