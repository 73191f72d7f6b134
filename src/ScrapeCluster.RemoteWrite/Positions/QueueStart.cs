using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>Where a queue starts: the rule that makes it of what the position file says and of what is there of the log.</summary>
/// <param name="Faults">What is wrong and what was done about it, for the operator; empty when all is well.</param>
internal sealed record QueueStart(IReadOnlyList<ShardStart> Shards, IReadOnlyList<string> Faults)
{
    /// <param name="read">Null for a queue without a file: it is new, and starts at the log's end.</param>
    /// <param name="minShards">For a queue that has nothing on its way.</param>
    /// <param name="logStart">The first segment there is.</param>
    /// <param name="logEnd">How far the log was written when the queue is started; all of a former run is before it.</param>
    public static QueueStart Of(PositionsRead? read, int minShards, int logStart, WalPosition logEnd)
    {
        var end = new SamplePosition(logEnd);
        var start = new SamplePosition(logStart, 0, 0);
        if (read is null)
        {
            return new QueueStart(All(new ShardStart(end), minShards), []);
        }

        if (read.Header is not { } header)
        {
            var all = new ShardStart(new ShardPosition(SamplePosition.Min(start, end)), end);
            return new QueueStart(All(all, minShards), [$"{Text(read.Damages)}: the queue starts at the beginning of the log and repeats what it has sent"]);
        }

        var faults = new List<string>();
        var isDamaged = read.Damages.Count > 0;
        if (isDamaged)
        {
            faults.Add($"{Text(read.Damages)}: the queue starts where the file can be trusted and may repeat what it has sent");
        }

        var shards = new ShardStart[header.ShardCount];
        var isBehindEnd = false;
        for (var i = 0; i < shards.Length; i++)
        {
            var position = read.Shards[i] ?? new ShardPosition(SamplePosition.Max(header.Base, start));
            isBehindEnd |= position.Acknowledged > end;
            position = Within(position, end);
            shards[i] = new ShardStart(position, isDamaged ? end : position.RequestEnd);
        }

        if (isBehindEnd)
        {
            faults.Add($"it is ahead of the log, which ends at {logEnd}: part of the log was lost or removed; the queue starts at that end");
        }

        return new QueueStart(shards, faults);
    }

    private static ShardPosition Within(ShardPosition position, SamplePosition end) =>
        new(SamplePosition.Min(position.Acknowledged, end), SamplePosition.Min(position.RequestEnd, end));

    private static IReadOnlyList<ShardStart> All(ShardStart start, int count) => [.. Enumerable.Repeat(start, Math.Max(1, count))];

    private static string Text(IReadOnlyList<string> damages) => damages.Count == 1 ? damages[0] : $"{damages[0]}, and {damages.Count - 1} more places of it";
}
