using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Positions;

namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>The shards of a queue over all changes of their number, which the follower makes between two records. Anyone may ask for another number.</summary>
internal sealed partial class ShardSets
{
    private readonly Func<ShardPositions, ShardStart[], ShardSet> _start;
    private readonly PositionJournal _journal;
    private readonly QueueEnding _ending;
    private readonly QueueMetrics _metrics;
    private readonly ILogger _logger;
    private volatile ShardSet _current;
    private int _wanted;

    /// <summary>
    /// A queue that goes on begins with its old number, since that is how its requests were cut; one that its settings do not allow is changed when those are
    /// made again.
    /// </summary>
    public ShardSets(
        Func<ShardPositions, ShardStart[], ShardSet> start, QueueConfig config, PositionJournal journal, QueueEnding ending, QueueMetrics metrics, ILogger logger)
    {
        _start = start;
        _journal = journal;
        _ending = ending;
        _metrics = metrics;
        _logger = logger;
        var (positions, starts) = journal.StartOver();
        _current = start(positions, starts);
        _wanted = Math.Clamp(starts.Length, Math.Max(1, config.MinShards), Math.Max(Math.Max(1, config.MinShards), config.MaxShards));
        metrics.Shards.Set(starts.Length);
    }

    public ShardSet Current => _current;

    public int Count => _current.Buffers.Length;

    public bool IsRightNumber => Volatile.Read(ref _wanted) == _current.Buffers.Length;

    /// <summary>From the next record on, once the present shards have sent what they hold.</summary>
    public void Want(int count) => Volatile.Write(ref _wanted, Math.Max(1, count));

    /// <summary>By the follower, which has given everything before <paramref name="place"/> to the present shards. Blocks until those have sent it.</summary>
    public void Change(SamplePosition place)
    {
        var wanted = Volatile.Read(ref _wanted);
        var before = _current.Buffers.Length;
        _current.Drain();
        if (_ending.GivenUp.IsCancellationRequested)
        {
            return;
        }

        _current.NoteIdle(_journal, place);
        var starts = new ShardStart[wanted];
        Array.Fill(starts, new ShardStart(place));
        if (_journal.TryReshard(_current.Positions, wanted, place) is { } positions)
        {
            _current = _start(positions, starts);
            LogChanged(before, wanted);
        }
        else
        {
            // Their positions cannot be written: the old number stays until somebody wants another one.
            (positions, starts) = _journal.StartOver();
            _current = _start(positions, starts);
            Volatile.Write(ref _wanted, before);
        }

        _metrics.Shards.Set(_current.Buffers.Length);
    }

    [LoggerMessage(5016, LogLevel.Information, "The queue goes on with {After} shards instead of {Before}")]
    private partial void LogChanged(int before, int after);
}
