using ScrapeCluster.RemoteWrite.Gating;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.RemoteWrite.Gating;

/// <summary>What a queue may read, by what the gate was told. The log is real, nothing is sent.</summary>
public sealed class SendingGateTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("gate-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly WalWriter _wal;
    private readonly SendingGate _gate;
    private WalPosition _answered;

    public SendingGateTests()
    {
        _wal = WalWriter.Open(_directory);
        _gate = SendingGate.Open(_wal.Published, _time);
    }

    public void Dispose()
    {
        _wal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Hold_WhatIsWrittenLaterWaits_UntilItIsReleased()
    {
        using var queue = Add("q");
        var before = Write();
        var hold = _gate.Hold(TimeSpan.FromSeconds(30));
        var after = Write();
        Assert.True(queue.IsOpen(before));
        Assert.False(queue.IsOpen(after));

        _gate.Release(hold);
        Assert.True(queue.IsOpen(after));
    }

    [Fact]
    public void Hold_ReleasedForOneQueue_HoldsTheOther()
    {
        using var one = Add("one");
        using var other = Add("other");
        var hold = _gate.Hold(TimeSpan.FromSeconds(30));
        var after = Write();
        _gate.Release(hold, "one");

        Assert.True(one.IsOpen(after));
        Assert.False(other.IsOpen(after));
    }

    /// <summary>However many there are, each record waits for those alone that began before it, and for none of them longer than it lasts.</summary>
    [Fact]
    public void Holds_ManyInARow_EachEndsByItself()
    {
        using var queue = Add("q");
        var records = new List<WalPosition>();
        for (var second = 0; second < 60; second++)
        {
            _gate.Hold(TimeSpan.FromSeconds(5));
            records.Add(Write());
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.All(records.Take(second - 4), record => Assert.True(queue.IsOpen(record)));
            Assert.False(queue.IsOpen(records[^1]));
        }
    }

    [Fact]
    public void Suspended_NothingIsRead()
    {
        using var queue = Add("q");
        var record = Write();
        _gate.Suspend();
        Assert.False(queue.IsOpen(record));
        _gate.Resume(null);
        Assert.True(queue.IsOpen(record));
        Assert.Equal(QueueGate.Nothing, queue.LostFromMs(record));
    }

    [Fact]
    public void Resume_TakenOver_WhatIsInTheLogIsLostToAllButReceiversOfLateSamples()
    {
        using var strict = Add("strict");
        using var late = Add("late", takesLate: true);
        var before = Write();
        _gate.Resume(DateTimeOffset.UnixEpoch.AddSeconds(7));
        var after = Write();
        using var restarted = Add("strict");

        Assert.Equal(long.MinValue, strict.LostFromMs(before));
        Assert.Equal(long.MinValue, restarted.LostFromMs(before));
        Assert.Equal(7000, late.LostFromMs(before));
        Assert.All([strict, late], queue => Assert.Equal(QueueGate.Nothing, queue.LostFromMs(after)));
    }

    [Fact]
    public void Lag_IsTheAgeOfTheOldestThatIsNotAnswered()
    {
        Assert.Equal(TimeSpan.Zero, _gate.Lag);
        using var queue = Add("q");
        _answered = Write();
        for (var second = 1; second <= 2_000; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Write();
            Assert.InRange(_gate.Lag.TotalSeconds, second > 600 ? second * 0.9 : second - 1, second);
        }

        _answered = _wal.Published.Position;
        Assert.Equal(TimeSpan.Zero, _gate.Lag);
    }

    [Fact]
    public async Task Push_EndsWithTheQueue()
    {
        var queue = Add("q");
        Write();
        var (name, sent) = Assert.Single(_gate.Push(TimeSpan.FromSeconds(30)));
        Assert.Equal("q", name);
        Assert.False(sent.IsCompleted);
        queue.Dispose();

        Assert.False(await sent);
        Assert.Empty(_gate.Push(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Push_NotAnsweredInTime_SaysSo()
    {
        using var queue = Add("q");
        Write();
        var (_, sent) = Assert.Single(_gate.Push(TimeSpan.FromSeconds(30)));
        Assert.True(queue.HasPushes);
        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.False(await sent);
        Assert.False(queue.HasPushes);
    }

    private QueueGate Add(string name, bool takesLate = false) => _gate.Add(name, takesLate, () => _answered);

    /// <summary>One record; where it begins.</summary>
    private WalPosition Write()
    {
        var at = _wal.Published.Position;
        var batch = new WalBatch();
        batch.AddSample(1, 1, 1);
        Assert.Null(_wal.Append(batch));
        return at;
    }
}
