using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Metrics;

namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// The segments that a checkpoint stands for and that stay for remote write alone: keeps them, within limits, and removes what nobody needs. Any thread; what
/// it removes is no segment that a replay or another checkpoint reads.
/// </summary>
/// <param name="overBytes">How many bytes have to go besides; asked from any thread.</param>
internal sealed partial class OwedSegments(
    string directory, OwedLog owed, OwedLimits limits, Func<long> overBytes, IDataFiles files, OwedMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>Held while segments are removed.</summary>
    private readonly Lock _removing = new();
    private Task _beside = Task.CompletedTask;

    /// <summary>A checkpoint may remove the segments before it; <see cref="int.MaxValue"/> when nothing is owed.</summary>
    public int KeepFrom => owed.Lowest?.Segment ?? int.MaxValue;

    /// <summary>After <see cref="Look"/>: more is owed than the limit allows, and only another checkpoint could let the oldest of it go.</summary>
    public bool AwaitsCheckpoint { get; private set; }

    /// <summary>True while there are segments that could be removed for lack of room.</summary>
    public bool HasOld => WalFormat.LastCheckpoint(directory) is { } checkpoint && WalFormat.Segments(directory) is [var first, ..] && first <= checkpoint;

    /// <summary>
    /// The last segment of which no record of series need stay: that of the checkpoint, or the one before the lowest that is owed and still there. A series
    /// that is spoken of behind it must be in every checkpoint.
    /// </summary>
    public int LastSettled(int checkpoint)
    {
        var owedFrom = KeepFrom;
        if (owedFrom <= checkpoint && WalFormat.Segments(directory) is [var first, ..])
        {
            owedFrom = Math.Max(owedFrom, first);
        }

        return Math.Min(checkpoint, owedFrom - 1);
    }

    /// <summary>At every tick: counts, and begins to remove beside what is to go; over when that has gone.</summary>
    public Task Look()
    {
        if (!_beside.IsCompleted)
        {
            return _beside;
        }

        try
        {
            LookAt(Read());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(directory, failure.Message);
        }

        return _beside;
    }

    /// <summary>Removes what is to go. What cannot be removed is told, and tried again at the next look.</summary>
    public void Apply()
    {
        lock (_removing)
        {
            _ = Try(static (segments, picture) => segments.Surplus(picture));
        }
    }

    /// <summary>For whoever finds the disk full: the oldest old segment goes. False when there is none, or it cannot be removed.</summary>
    public bool TryMakeRoom()
    {
        lock (_removing)
        {
            return Try(static (_, picture) => picture.Old is [var oldest, ..]
                ? [new OldSegmentVerdict(oldest, OwedRule.IsOwed(oldest, picture.Lowest) ? OwedSurplus.DiskFull : null)]
                : []);
        }
    }

    /// <summary>Makes room while the disk is full and there are old segments.</summary>
    public T WithRoom<T>(Func<T> write)
    {
        while (true)
        {
            try
            {
                return write();
            }
            catch (IOException failure) when (WalWriteFault.IsDiskFull(failure) && TryMakeRoom())
            {
                // Again, until it goes or nothing is left to give.
            }
        }
    }

    /// <summary>Waits for what runs beside.</summary>
    public void Wait() => _beside.GetAwaiter().GetResult();

    private void LookAt(Picture picture)
    {
        var (old, newer, lowest) = picture;
        var owedNewer = newer.FindAll(segment => OwedRule.IsOwed(segment, lowest));
        var bytes = OwedRule.OwedBytes(old, lowest) + owedNewer.Sum(segment => segment.Bytes);
        metrics.Owed(old.Count(segment => OwedRule.IsOwed(segment, lowest)) + owedNewer.Count, bytes);
        AwaitsCheckpoint = old.Count == 0 && newer.Count > Checkpoint.LeastSegments + 1 && limits.MaxBytes > 0 && bytes > limits.MaxBytes;
        if (Surplus(picture).Count > 0)
        {
            _beside = CompactionThread.Run(() =>
            {
                Apply();
                return true;
            });
        }
    }

    private Picture Read()
    {
        // The checkpoint first: one that comes meanwhile makes some of the newer ones old, at the next look.
        var checkpoint = WalFormat.LastCheckpoint(directory) ?? -1;
        var old = new List<OldSegment>();
        var newer = new List<OldSegment>();
        foreach (var number in WalFormat.Segments(directory))
        {
            var file = new FileInfo(WalFormat.SegmentPath(directory, number));
            if (file.Exists)
            {
                var segment = new OldSegment(number, file.Length, new DateTimeOffset(file.LastWriteTimeUtc).ToUnixTimeMilliseconds());
                (number <= checkpoint ? old : newer).Add(segment);
            }
        }

        return new Picture(old, newer, owed.Lowest);
    }

    private List<OldSegmentVerdict> Surplus(Picture picture)
    {
        return picture.Old.Count == 0 ? [] : OwedRule.Surplus(
            picture.Old, picture.Newer.Sum(segment => segment.Bytes), picture.Lowest, owed.AreAllKnown, limits, time.GetUtcNow().ToUnixTimeMilliseconds(), overBytes());
    }

    /// <summary>True when something was to go and all of it is gone.</summary>
    private bool Try(Func<OwedSegments, Picture, List<OldSegmentVerdict>> choose)
    {
        var removed = new List<OldSegmentVerdict>();
        var isDone = false;
        try
        {
            var going = choose(this, Read());
            foreach (var verdict in going)
            {
                Checkpoint.DeleteSegment(directory, verdict.Segment.Number, files);
                removed.Add(verdict);
            }

            isDone = going.Count > 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(directory, failure.Message);
        }

        foreach (var dropped in removed.Where(verdict => verdict.Surplus is not null).GroupBy(verdict => verdict.Surplus!.Value))
        {
            Tell(dropped.Key, [.. dropped.Select(verdict => verdict.Segment)]);
        }

        return isDone;
    }

    private void Tell(OwedSurplus reason, List<OldSegment> dropped)
    {
        var bytes = dropped.Sum(segment => segment.Bytes);
        metrics.Dropped(reason, dropped.Count, bytes);
        var last = dropped[^1].Number;
        var queues = string.Join(", ", owed.Parts().Where(part => part.Position.Segment <= last).Select(part => part.Queue));
        LogDropped(dropped.Count, dropped[0].Number, last, bytes, queues.Length == 0 ? "remote_write" : $"remote_write {queues}", TextOf(reason));
    }

    private string TextOf(OwedSurplus reason) => reason switch
    {
        OwedSurplus.TooMuch => $"more than {limits.SizeSetting} = {limits.MaxBytes} bytes are owed; see why the receiver takes too little, or set it higher",
        OwedSurplus.TooOld => $"they were written longer ago than {limits.AgeSetting} = {limits.MaxAge}; see why the receiver takes too little, or set it higher",
        OwedSurplus.OverRetention => "log and chunks alone are above --storage.tsdb.retention.size, and the newest samples here go first; set it higher",
        _ => $"the disk of {directory} is full, and storing new samples goes first; make room",
    };

    /// <summary>The directory as it was a moment ago.</summary>
    private sealed record Picture(List<OldSegment> Old, List<OldSegment> Newer, WalPosition? Lowest);

    [LoggerMessage(3112, LogLevel.Warning, "{Segments} segments of the log, {First} to {Last} with {Bytes} bytes, go before {Queues} has sent all of them, since {Reason}")]
    private partial void LogDropped(int segments, int first, int last, long bytes, string queues, string reason);

    [LoggerMessage(3113, LogLevel.Warning, "Segments in {Directory} that are due to go cannot be deleted, the next look tries again: {Reason}")]
    private partial void LogNotRemoved(string directory, string reason);
}
