using ScrapeCluster.Storage.Wal.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>What a checkpoint did.</summary>
/// <param name="LastSegment">The last segment that it stands for.</param>
/// <param name="Damages">Places in the old segments that could not be read; they are gone with their segments.</param>
public sealed record CheckpointOutcome(int LastSegment, CheckpointCounts Counts, IReadOnlyList<WalDamage> Damages);

/// <summary>
/// Shortens the log: what is still needed of the old segments goes into <c>checkpoint.NNNNNNNN</c>, then they are deleted.
/// A segment is deleted only behind a checkpoint that is complete on the disk: it is written under another name, flushed, renamed,
/// and the folder is flushed, before anything goes. Runs beside the writer, on segments that the writer has left.
/// </summary>
public static class Checkpoint
{
    private const string UnfinishedSuffix = ".tmp";
    private const int FlushAtBytes = 1 << 20;

    /// <summary>
    /// The last segment to checkpoint when <paramref name="openSegment"/> is being written: two thirds of the closed ones, as
    /// Prometheus chooses (tsdb/head.go), so that the newest part stays as it is; null when there are too few.
    /// </summary>
    public static int? Plan(string directory, int openSegment)
    {
        var closed = WalFormat.Segments(directory).Where(segment => segment < openSegment).ToList();
        if (closed.Count < 2)
        {
            return null;
        }

        var last = closed[0] + ((closed[^1] - closed[0]) * 2 / 3);
        return last > closed[0] ? last : null;
    }

    /// <summary>Removes what an interrupted checkpoint or repair left. For start-up, before the log is read.</summary>
    public static void CleanUp(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        foreach (var unfinished in Directory.EnumerateDirectories(directory, WalFormat.CheckpointPrefix + "*" + UnfinishedSuffix))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        foreach (var unfinished in Directory.EnumerateFiles(directory, "*" + WalRepair.RewriteSuffix))
        {
            File.Delete(unfinished);
        }

        if (WalFormat.LastCheckpoint(directory) is { } last)
        {
            DeleteBehind(directory, last);
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
        var target = WalFormat.CheckpointPath(directory, lastSegment);
        var unfinished = target + UnfinishedSuffix;
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        var previous = WalFormat.LastCheckpoint(directory);
        using var reader = new WalReader(directory, previous, (previous ?? -1) + 1, lastSegment);
        var filter = new CheckpointFilter(keep, minTimestampMs);
        try
        {
            Copy(reader, unfinished, filter, cancellation);
        }
        catch
        {
            TryDelete(unfinished);
            throw;
        }

        Directory.Move(unfinished, target);
        FolderSync.Flush(directory);
        DeleteBehind(directory, lastSegment);
        return new CheckpointOutcome(lastSegment, filter.Counts, reader.Damages);
    }

    /// <summary>The same on a thread of its own, below normal priority, so that scrapes go first.</summary>
    public static Task<CheckpointOutcome> WriteAsync(
        string directory,
        int lastSegment,
        Func<ulong, bool> keep,
        long minTimestampMs,
        CancellationToken cancellation = default)
    {
        var done = new TaskCompletionSource<CheckpointOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(Write(directory, lastSegment, keep, minTimestampMs, cancellation));
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

    private static void Copy(WalReader reader, string target, CheckpointFilter filter, CancellationToken cancellation)
    {
        using var writer = WalWriter.Open(target);
        var batch = new WalBatch();
        while (reader.TryRead(out var record))
        {
            cancellation.ThrowIfCancellationRequested();
            filter.Add(record, batch);
            if (batch.LengthBytes >= FlushAtBytes)
            {
                Append(writer, batch);
            }
        }

        filter.AddMetadata(batch);
        Append(writer, batch);
        if (writer.Finish() is { } fault)
        {
            throw new IOException(fault.ToString());
        }
    }

    private static void Append(WalWriter writer, WalBatch batch)
    {
        if (writer.Append(batch) is { } fault)
        {
            throw new IOException(fault.ToString());
        }

        batch.Clear();
    }

    private static void DeleteBehind(string directory, int lastSegment)
    {
        foreach (var segment in WalFormat.Segments(directory).Where(segment => segment <= lastSegment))
        {
            var path = WalFormat.SegmentPath(directory, segment);
            File.Delete(path);
            File.Delete(path + WalRepair.CopySuffix);
        }

        foreach (var older in WalFormat.Checkpoints(directory).Where(checkpoint => checkpoint < lastSegment))
        {
            Directory.Delete(WalFormat.CheckpointPath(directory, older), recursive: true);
        }
    }

    private static void TryDelete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (IOException)
        {
            // Goes at the next start.
        }
    }
}
