using ScrapeCluster.Configuration;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Queues.Sharding;
using ScrapeCluster.Storage;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.RemoteWrite.Sharding;

/// <summary>What the rule is asked with, and when its answer is put into effect.</summary>
public sealed class ResharderTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly AppendedSamples _appended = new();
    private readonly QueueWork _work = new();
    private readonly ReshardPermit _permit = new();
    private readonly Resharder _resharder;
    private int _shards = 1;

    public ResharderTests()
    {
        var metrics = new QueueMetrics(new RemoteWriteMetrics(new MetricsRegistry(), _appended), "q", new RemoteWriteConfig());
        _resharder = new Resharder(new ShardCount(1, 10), _work, _permit, _appended, metrics, () => _shards, next => _shards = next, _time);
    }

    /// <summary>Each sample takes 5 ms of a shard, and a thousand come a second.</summary>
    [Fact]
    public void Round_OneShardIsTooSlow_GetsAsManyAsItTakes()
    {
        Pass(samples: 10_000, busy: TimeSpan.FromSeconds(50));
        _permit.Ended(_time.GetUtcNow());
        _resharder.Round();

        Assert.Equal(5, _shards);
    }

    [Fact]
    public void Round_ReceiverIsNotKnownToBeWell_ChangesNothing()
    {
        Pass(samples: 10_000, busy: TimeSpan.FromSeconds(50));
        _resharder.Round();
        Assert.Equal(1, _shards);

        _permit.Ended(_time.GetUtcNow());
        _permit.Failed(_time.GetUtcNow(), TimeSpan.FromSeconds(1));
        Pass(samples: 10_000, busy: TimeSpan.FromSeconds(50));
        _resharder.Round();
        Assert.Equal(1, _shards);
    }

    [Fact]
    public void Round_RelabellingDropsHalf_CountsForHalf()
    {
        _work.Dropped(5_000);
        _appended.Note(5_000, 0);
        Pass(samples: 5_000, busy: TimeSpan.FromSeconds(50));
        _permit.Ended(_time.GetUtcNow());
        _resharder.Round();

        Assert.Equal(5, _shards);
    }

    private void Pass(int samples, TimeSpan busy)
    {
        _appended.Note(samples, 0);
        _work.Ended(samples, busy);
    }
}
