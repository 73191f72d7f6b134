using ScrapeCluster.Model;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Storage.Wal;

/// <summary>What a checkpoint did.</summary>
/// <param name="LastSegment">The last segment that it stands for.</param>
/// <param name="Damages">Places in the old segments that could not be read; they are gone with their segments.</param>
public sealed record CheckpointOutcome(int LastSegment, CheckpointCounts Counts, IReadOnlyList<WalDamage> Damages)
{
    /// <summary>Series whose records were written from memory, since the damage may have taken those of the log.</summary>
    public long RestoredSeries { get; init; }

    /// <summary>After damage, where memory has no labels to write records of: the references that the log has a series record of. Else null.</summary>
    internal IReadOnlySet<ulong>? RecordedRefs { get; init; }
}

/// <summary>
/// Shortens the log: what is still needed of the old segments goes into <c>checkpoint.NNNNNNNN</c>, then they are deleted.
/// A segment is deleted only behind a checkpoint that is complete on the disk: it is written under another name, flushed, renamed,
/// and the folder is flushed, before anything goes. Those that remote write has still to read stay beside the checkpoint: a start does not look at them.
/// Runs beside the writer, on segments that the writer has left.
/// </summary>
public static class Checkpoint
{
    internal const string UnfinishedSuffix = ".tmp";

    /// <summary>Of fewer closed segments <see cref="Plan"/> takes none.</summary>
    internal const int LeastSegments = 3;

    private const int FlushAtBytes = 1 << 20;

    /// <summary>
    /// The last segment to checkpoint when <paramref name="openSegment"/> is being written: two thirds of the closed ones behind the checkpoint, as
    /// Prometheus chooses (tsdb/head.go), so that the newest part stays as it is; null when there are too few.
    /// </summary>
    public static int? Plan(string directory, int openSegment)
    {
        var closed = WalFormat.SegmentsBehindCheckpoint(directory).Where(segment => segment < openSegment).ToList();
        if (closed.Count < 2)
        {
            return null;
        }

        var last = closed[0] + ((closed[^1] - closed[0]) * 2 / 3);
        return last > closed[0] ? last : null;
    }

    /// <summary>Removes what an interrupted checkpoint or repair left. For start-up, before the log is read.</summary>
    public static void CleanUp(string directory) => CleanUp(directory, DiskFiles.Instance, int.MaxValue);

    /// <param name="keepFrom">From this segment on those stay that the checkpoint stands for, as far back from it as none is missing.</param>
    internal static void CleanUp(string directory, IDataFiles files, int keepFrom)
    {
        foreach (var unfinished in Reading.ListIfThere(directory, static path => Directory.EnumerateDirectories(path, WalFormat.CheckpointPrefix + "*" + UnfinishedSuffix)))
        {
            files.DeleteFolder(unfinished);
        }

        foreach (var unfinished in Reading.ListIfThere(directory, static path => Directory.EnumerateFiles(path, "*" + WalRepair.RewriteSuffix)))
        {
            files.Delete(unfinished);
        }

        if (WalFormat.LastCheckpoint(directory) is { } last)
        {
            // A power cut may have taken back some deletions and not those before them. Prometheus opens no log with a gap.
            DeleteBehind(directory, last, files, Math.Max(keepFrom, FirstWithoutGap(directory, last)));
        }
    }

    /// <summary>
    /// Writes the checkpoint for all segments up to <paramref name="lastSegment"/>, then deletes them and older checkpoints.
    /// </summary>
    /// <param name="keep">True for a series that is still known; asked from this thread.</param>
    /// <param name="minTimestampMs">Older samples are left out.</param>
    /// <exception cref="IOException">The checkpoint could not be written; the log is as it was.</exception>
    public static CheckpointOutcome Write(
        string directory,
        int lastSegment,
        Func<ulong, bool> keep,
        long minTimestampMs,
        CancellationToken cancellation = default)
    {
        return Write(directory, lastSegment, keep, minTimestampMs, DiskFiles.Instance, cancellation);
    }

    /// <param name="keepFrom">From this segment on they stay; asked when the checkpoint is there. Null: none stays.</param>
    /// <param name="known">All series that memory knows with their labels; asked from this thread, and only when a part of the log cannot be read.</param>
    internal static CheckpointOutcome Write(
        string directory,
        int lastSegment,
        Func<ulong, bool> keep,
        long minTimestampMs,
        IDataFiles files,
        CancellationToken cancellation,
        Func<IEnumerable<(ulong Ref, Labels Labels)>>? known = null,
        Func<int>? keepFrom = null)
    {
        var previous = WalFormat.LastCheckpoint(directory);
        if (previous is { } done && done >= lastSegment)
        {
            // What it stands for could not be deleted then.
            DeleteBehind(directory, done, files, keepFrom?.Invoke() ?? int.MaxValue);
            return new CheckpointOutcome(done, new CheckpointFilter(keep, minTimestampMs).Counts, []);
        }

        var target = WalFormat.CheckpointPath(directory, lastSegment);
        var unfinished = target + UnfinishedSuffix;
        files.DeleteFolder(unfinished);

        WalReader Read() => new(directory, previous, (previous ?? -1) + 1, lastSegment) { Files = files };
        using var reader = Read();
        var filter = new CheckpointFilter(keep, minTimestampMs);
        var restored = 0L;
        try
        {
            restored = Copy(reader, unfinished, filter, files, known is null ? null : () => Lost(Read, known), cancellation);
        }
        catch
        {
            TryDelete(unfinished, files);
            throw;
        }

        files.Move(unfinished, target);
        files.FlushFolder(directory);
        DeleteBehind(directory, lastSegment, files, keepFrom?.Invoke() ?? int.MaxValue);
        return new CheckpointOutcome(lastSegment, filter.Counts, reader.Damages) { RestoredSeries = restored };
    }

    /// <summary>Runs <see cref="Write(string, int, Func{ulong, bool}, long, CancellationToken)"/> on a thread of its own, below normal priority, so that scrapes go first.</summary>
    internal static Task<CheckpointOutcome> RunAsync(Func<CheckpointOutcome> write, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<CheckpointOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(write());
            }
            catch (OperationCanceledException)
            {
                done.SetCanceled(cancellation);
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        })
        {
            IsBackground = true,
            Name = "wal-checkpoint",
            Priority = ThreadPriority.BelowNormal,
        };
        thread.Start();
        return done.Task;
    }

    /// <summary>
    /// Gives the number of series that were restored: there where the first damage was met, before anything that stood behind it, so that no sample comes before
    /// its series. What else the damage took is gone.
    /// </summary>
    private static long Copy(
        WalReader reader, string target, CheckpointFilter filter, IDataFiles files, Func<IEnumerable<(ulong, Labels)>>? lost, CancellationToken cancellation)
    {
        using var writer = WalWriter.Open(target, new WalOptions(), files);
        var batch = new WalBatch();
        var isLeft = true;
        while (isLeft)
        {
            cancellation.ThrowIfCancellationRequested();
            isLeft = reader.TryRead(out var record);
            if (lost is not null && reader.Damages.Count > 0)
            {
                filter.Restored = Restore(lost(), writer, batch, cancellation);
                lost = null;
            }

            if (isLeft)
            {
                filter.Add(record, batch);
                AppendIfLarge(writer, batch);
            }
        }

        filter.AddMetadata(batch);
        Append(writer, batch);
        return writer.Finish() is { } fault ? throw fault.ToException() : filter.Restored.Count;
    }

    private static HashSet<ulong> Restore(IEnumerable<(ulong Ref, Labels Labels)> series, WalWriter writer, WalBatch batch, CancellationToken cancellation)
    {
        var restored = new HashSet<ulong>();
        foreach (var (seriesRef, labels) in series)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.AddSeries(seriesRef, labels);
            AppendIfLarge(writer, batch);
            restored.Add(seriesRef);
        }

        return restored;
    }

    /// <summary>
    /// The series that memory knows, less those whose records stand before the first damage: Prometheus begins a series anew at a second record of it, and
    /// drops the samples between the two. One that stands in a later segment too is harmless: its samples come later still.
    /// </summary>
    private static IEnumerable<(ulong, Labels)> Lost(Func<WalReader> read, Func<IEnumerable<(ulong Ref, Labels Labels)>> known)
    {
        using var before = read();
        var carried = SeriesRecords.Refs(before, untilDamage: true);
        return known().Where(series => !carried.Contains(series.Ref));
    }

    private static void AppendIfLarge(WalWriter writer, WalBatch batch)
    {
        if (batch.LengthBytes >= FlushAtBytes)
        {
            Append(writer, batch);
        }
    }

    private static void Append(WalWriter writer, WalBatch batch)
    {
        if (writer.Append(batch) is { } fault)
        {
            throw fault.ToException();
        }

        batch.Clear();
    }

    /// <summary>With the bytes that were damaged in it.</summary>
    internal static void DeleteSegment(string directory, int segment, IDataFiles files)
    {
        var path = WalFormat.SegmentPath(directory, segment);
        files.Delete(path);
        files.Delete(path + WalRepair.CopySuffix);
    }

    private static int FirstWithoutGap(string directory, int checkpoint)
    {
        var segments = WalFormat.Segments(directory).ToHashSet();
        var first = checkpoint + 1;
        while (segments.Contains(first - 1))
        {
            first--;
        }

        return first;
    }

    private static void DeleteBehind(string directory, int lastSegment, IDataFiles files, int keepFrom)
    {
        foreach (var segment in WalFormat.Segments(directory).Where(segment => segment <= lastSegment && segment < keepFrom))
        {
            DeleteSegment(directory, segment, files);
        }

        foreach (var older in WalFormat.Checkpoints(directory).Where(checkpoint => checkpoint < lastSegment))
        {
            files.DeleteFolder(WalFormat.CheckpointPath(directory, older));
        }
    }

    private static void TryDelete(string directory, IDataFiles files)
    {
        try
        {
            files.DeleteFolder(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Goes at the next start.
        }
    }
}
