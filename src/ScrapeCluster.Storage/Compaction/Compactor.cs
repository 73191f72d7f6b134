using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Metrics;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// The work of compaction, on whatever thread calls it, one call at a time: writes a part of the head to a block, merges blocks, deletes those that
/// are too many. The rules are <see cref="CompactionPlan"/> and <see cref="RetentionRule"/>. What cannot be done is told and tried again later; it ends nothing.
/// </summary>
internal sealed partial class Compactor(
    StorageOptions options, HeadBlock head, BlockFolder blocks, BlockWriter writer, CompactionMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// So many rounds, one a minute, blocks rest whose merge has failed. Prometheus marks them in their meta.json and never tries again; here only a
    /// mark that is there already is respected, since most failures, such as a full disk, pass.
    /// </summary>
    private const int RestingRounds = 60;

    private readonly IReadOnlyList<long> _ranges = BlockRanges.For(options.RetentionTime);
    private readonly Dictionary<Ulid, int> _resting = [];
    private readonly Random _random = new();

    /// <summary>Writes what the head has of the range, which must be frozen, to a block. Retention first: on a full disk it makes the room.</summary>
    public CompactionOutcome WriteHead(TimeRange range, CancellationToken cancellation) => Attempt(() =>
    {
        DeleteSurplus();
        var start = time.GetTimestamp();
        var id = NewId();
        var meta = writer.Write(options.Path, BlockHeader.OfHead(id, range.MinMs, range.EndMs), new HeadInput(head, range, cancellation), cancellation);
        if (meta is not null)
        {
            blocks.Replace([], id);
            LogHeadWritten(id, range.MinMs, range.EndMs, meta.Stats.Series, meta.Stats.Samples, Done(start));
        }

        return new CompactionOutcome(range.EndMs, null);
    }, cancellation);

    /// <summary>Merges and deletes blocks until nothing is planned, or the head is due.</summary>
    public CompactionOutcome TidyBlocks(CancellationToken cancellation)
    {
        return TidyBlocks(() => HeadRangeRule.Due(head.MinTimeMs, head.MaxTimeMs) is not null, cancellation);
    }

    /// <param name="headGoesFirst">Whether the head wants to be written or cut now; asked before each merge.</param>
    public CompactionOutcome TidyBlocks(Func<bool> headGoesFirst, CancellationToken cancellation) => Attempt(() =>
    {
        EndRests();
        Follow();
        DeleteSurplus();
        while (Planned() is { Count: > 0 } planned)
        {
            if (headGoesFirst())
            {
                return CompactionOutcome.Interrupted;
            }

            Merge(planned, cancellation);
            DeleteSurplus();
        }

        return CompactionOutcome.Tidied;
    }, cancellation);

    private CompactionOutcome Attempt(Func<CompactionOutcome> work, CancellationToken cancellation)
    {
        metrics.Triggered.Inc();
        try
        {
            return work();
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return CompactionOutcome.Tidied;
        }
        catch (Exception failure)
        {
            // Also what nobody expected: head and log are as they were, and scrapes must go on.
            metrics.Failed.Inc();
            LogFailed(options.Path, failure);
            return new CompactionOutcome(null, failure);
        }
    }

    private void Follow()
    {
        var changes = blocks.Follow();
        foreach (var block in changes.Added)
        {
            LogFound(block.Id, block.MinMs, block.EndMs, block.Meta.Stats.Series);
            if (block.TimesFault is { } fault)
            {
                LocalStorage.LogWrongTimes(logger, block.Folder, fault);
            }
        }

        foreach (var block in changes.Vanished)
        {
            LogVanished(block.Folder, block.MinMs, block.EndMs);
        }

        foreach (var (folder, reason) in changes.Bad)
        {
            LogBad(folder, reason);
        }
    }

    private void DeleteSurplus()
    {
        var present = blocks.Blocks;
        var sized = present.Select(block => new SizedBlock(block.Meta with { EndMs = block.DataEndMs }, block.Bytes)).ToList();
        var headBytes = options.RetentionSizeBytes > 0 && present.Count > 0 ? HeadBytes.OnDisk(options, head) : 0;
        var surplus = RetentionRule.Surplus(sized, options.RetentionTime, options.RetentionSizeBytes, headBytes);
        foreach (var (id, reason) in surplus)
        {
            LogDeleted(id, reason);
            Replace([present.First(block => block.Id == id)], null);
        }

        metrics.TimeRetentions.Add(surplus.Any(block => block.Reason == BlockSurplus.TooOld) ? 1L : 0);
        metrics.SizeRetentions.Add(surplus.Any(block => block.Reason == BlockSurplus.TooMuch) ? 1L : 0);
    }

    private IReadOnlyList<BlockMeta> Planned()
    {
        return CompactionPlan.Next(
            blocks.Blocks.Select(block => _resting.ContainsKey(block.Id)
                ? block.Meta with { Compaction = block.Meta.Compaction with { HasFailed = true } }
                : block.Meta),
            _ranges);
    }

    private void Merge(IReadOnlyList<BlockMeta> planned, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var parents = planned.Select(meta => blocks.Blocks.First(block => block.Id == meta.Id)).ToList();
        var header = BlockMerge.HeaderOf(NewId(), planned);
        try
        {
            var merged = writer.Write(options.Path, header, new BlockMerge([.. parents.Select(parent => new BlockInput(parent))]), cancellation);
            Replace(parents, merged?.Id);
            metrics.Overlapping.Add(CompactionPlan.Overlap(planned) ? 1L : 0);
            LogMerged(header.Id, header.MinMs, header.EndMs, header.Level, parents.Count, merged?.Stats.Series ?? 0, merged?.Stats.Samples ?? 0, Done(start));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            metrics.Failed.Inc();
            LogMergeFailed(string.Join(", ", planned.Select(meta => meta.Id)), RestingRounds, failure);
            foreach (var meta in planned)
            {
                _resting[meta.Id] = RestingRounds;
            }
        }
    }

    private void Replace(IReadOnlyList<Block> removed, Ulid? added)
    {
        try
        {
            blocks.Replace(removed, added);
        }
        catch (Exception failure) when (failure is (IOException or UnauthorizedAccessException) && !removed.Any(blocks.Blocks.Contains))
        {
            LogNotDeleted(string.Join(", ", removed.Select(block => block.Folder)), failure);
        }
    }

    private void EndRests()
    {
        foreach (var (id, rounds) in _resting)
        {
            if (rounds > 1)
            {
                _resting[id] = rounds - 1;
            }
            else
            {
                _resting.Remove(id);
            }
        }
    }

    private Ulid NewId() => Ulid.New(time.GetUtcNow().ToUnixTimeMilliseconds(), _random);

    private double Done(long start)
    {
        var seconds = time.GetElapsedTime(start).TotalSeconds;
        metrics.Compactions.Inc();
        metrics.Seconds.Observe(seconds);
        return seconds;
    }
}
