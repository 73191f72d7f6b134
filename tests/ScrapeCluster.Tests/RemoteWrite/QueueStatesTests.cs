using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>What is told of queues: how far behind they are, what they owe, what failed.</summary>
public sealed class QueueStatesTests : IDisposable
{
    private static readonly RemoteWriteConfig Config = new() { Url = "http://user:secret@receiver.example/write", ProtobufMessage = RemoteWriteMessage.V2 };

    private readonly StorageFixture _storage = new();
    private readonly SentProgress _running = new();
    private readonly OwedLog _owed = new();
    private readonly QueueMetrics _queue;
    private readonly QueueStates _states;

    public QueueStatesTests()
    {
        _storage.Append("before", 1_000, 1);
        _queue = new QueueMetrics(new RemoteWriteMetrics(_storage.Metrics, _storage.Storage.Appended), "q", Config);
        _states = new QueueStates(_running, _owed, _storage.Storage);
        _states.Register(_storage.Metrics);
    }

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Read_WithoutQueues_IsNothing() => Assert.Empty(_states.Read());

    [Fact]
    public void Read_AQueueThatIsBehind_TellsLagAndBytes()
    {
        _running.Add(_queue);
        var start = _storage.Storage.WalPublished.Position;
        using var part = _owed.Add("q", start);
        Assert.Equal((0, TimeSpan.Zero), Owed());

        _storage.Append("a", 10_000, 1);
        _storage.Append("a", 70_000, 2);
        var end = _storage.Storage.WalPublished.Position;
        _queue.Read(10_000);
        var state = _states.Read()[0];
        Assert.Equal((end.Offset - start.Offset, TimeSpan.FromSeconds(60)), (state.OwedBytes, state.Lag));
        Assert.Equal(("q", true, start, end, null), (state.Name, state.IsV2, state.Position, state.End, state.NewestSent));
        Assert.DoesNotContain("secret", state.Url, StringComparison.Ordinal);

        _queue.Sent([new PendingSample(default, 40_000, 1)]);
        Assert.Equal(TimeSpan.FromSeconds(30), _states.Read()[0].Lag);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(40_000), _states.Read()[0].NewestSent);

        // The rest was relabelled away: nothing is owed, and nothing will be sent.
        part.Position = end;
        Assert.Equal((0, TimeSpan.Zero), Owed());
        _running.Remove(_queue);
        Assert.Empty(_states.Read());

        (long, TimeSpan) Owed() => (_states.Read()[0].OwedBytes, _states.Read()[0].Lag);
    }

    [Fact]
    public void Retire_TakesTheQueuesGaugesOffThePage()
    {
        _queue.Failed("500 Oops", DateTimeOffset.UnixEpoch);
        _running.Add(_queue);
        Assert.Equal(new QueueFailure(DateTimeOffset.UnixEpoch, "500 Oops"), _states.Read()[0].LastFailure);
        Assert.Contains("prometheus_remote_storage_queue_highest_sent_timestamp_seconds{remote_name=\"q\"", Page(), StringComparison.Ordinal);
        Assert.Contains("prometheus_wal_watcher_current_segment{consumer=\"q\"", Page(), StringComparison.Ordinal);
        _running.Remove(_queue);
        _queue.Retire();
        Assert.DoesNotContain("highest_sent_timestamp_seconds{", Page(), StringComparison.Ordinal);
        Assert.DoesNotContain("current_segment{", Page(), StringComparison.Ordinal);
        Assert.Contains("prometheus_remote_storage_samples_total{remote_name=\"q\"", Page(), StringComparison.Ordinal);

        string Page()
        {
            var page = new System.Buffers.ArrayBufferWriter<byte>();
            _storage.Metrics.Write(page);
            return System.Text.Encoding.UTF8.GetString(page.WrittenSpan);
        }
    }

    [Fact]
    public void LogBytes_OverSegments_AreThoseOnTheDisk()
    {
        var folder = Directory.CreateTempSubdirectory("log-bytes-").FullName;
        foreach (var (segment, length) in ((int, int)[])[(3, 100), (4, 200), (6, 50)])
        {
            File.WriteAllBytes(WalFormat.SegmentPath(folder, segment), new byte[length]);
        }

        Assert.Equal(40, LogBytes.Between(folder, new WalPosition(3, 10), new WalPosition(3, 50)));
        Assert.Equal(0, LogBytes.Between(folder, new WalPosition(3, 50), new WalPosition(3, 10)));
        Assert.Equal(90 + 7, LogBytes.Between(folder, new WalPosition(3, 10), new WalPosition(4, 7)));
        Assert.Equal(90 + 200 + 0 + 20, LogBytes.Between(folder, new WalPosition(3, 10), new WalPosition(6, 20)));
        Assert.Equal(200 + 0 + 50 + 8, LogBytes.Between(folder, new WalPosition(1, 10), new WalPosition(7, 8)) - 100);
        Directory.Delete(folder, recursive: true);
    }
}
