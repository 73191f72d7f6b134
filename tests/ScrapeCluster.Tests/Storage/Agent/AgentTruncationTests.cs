using ScrapeCluster.Storage.Agent;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.Tests.Storage.Agent;

public sealed class AgentTruncationTests : IDisposable
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;

    private readonly OwedLog _owed = new();
    private readonly AgentFixture _agent;

    public AgentTruncationTests() => _agent = new AgentFixture(options => options with { Owed = _owed });

    public void Dispose() => _agent.Dispose();

    [Theory]
    [InlineData(0, 6)]
    [InlineData(5 * Hour, 6)]
    [InlineData(8 * Hour, 8 - (5.0 / 60))]
    [InlineData(10 * Hour, 10 - (5.0 / 60))]
    public void MinMs_KeepsWhatWasSentForAWhileAndWhatIsOwedForLonger(long sentMs, double expectedHours)
    {
        Assert.Equal((long)Math.Round(expectedHours * Hour), AgentRetention.MinMs(10 * Hour, sentMs, new AgentOptions("")));
    }

    [Fact]
    public void MinMs_LongestTimeBelowTheInterval_IsTheInterval()
    {
        var options = new AgentOptions("") { MaxTime = TimeSpan.FromMinutes(1) };
        Assert.Equal(8 * Hour, AgentRetention.MinMs(10 * Hour, 0, options));
    }

    [Fact]
    public void Truncate_SeriesWithoutNewSamples_AreForgottenAndTheirReferencesNeverGivenAgain()
    {
        var start = _agent.NowMs;
        var gone = _agent.Append("gone", start, 1).NewRefs[0];
        var kept = _agent.Append("kept", start, 1).NewRefs[0];
        _agent.Time.Advance(TimeSpan.FromHours(5));
        _agent.Append("kept", _agent.NowMs, 2);

        _agent.Truncate();

        Assert.Equal(1, _agent.Storage.Series.Count);
        Assert.Single(_agent.Append(batch =>
        {
            batch.TimestampMs = _agent.NowMs + 1;
            batch.Add(gone, 1);
            batch.Add(kept, 1);
        }).Unknown);
        Assert.Equal(kept + 1, _agent.Append("gone", _agent.NowMs, 1).NewRefs[0]);
    }

    /// <summary>An agent keeps no labels, so that a series whose record is lost must become known again.</summary>
    [Fact]
    public void Truncate_SeriesRecordIsDamaged_TheNextSampleIsAskedForItsLabels()
    {
        var lost = _agent.Append("lost", _agent.NowMs, 1).NewRefs[0];
        var kept = _agent.Append("kept", _agent.NowMs, 1).NewRefs[0];
        FlipFirstBit(WalFormat.SegmentPath(_agent.Storage.WalDirectory, 0));
        for (var i = 0; WalFormat.LastCheckpoint(_agent.Storage.WalDirectory) is null; i++)
        {
            Assert.InRange(i, 0, 10);
            _agent.Append("late", _agent.NowMs + i, i);
            _agent.Truncate();
        }

        Assert.Equal([0], _agent.Append(batch =>
        {
            batch.TimestampMs = _agent.NowMs + 100;
            batch.Add(lost, 2);
            batch.Add(kept, 2);
        }).Unknown.Select(unknown => unknown.Index));
        Assert.NotEqual(lost, _agent.Append("lost", _agent.NowMs + 100, 2).NewRefs[0]);

        _agent.Reopen();
        Assert.Equal(3, _agent.Storage.Series.Count);
        Assert.Contains(("lost", _agent.NowMs + 100, 2), _agent.Log());
        Assert.Equal(2, _agent.Log().Count(sample => sample.Name == "kept"));
    }

    /// <summary>
    /// All lengths of life at once: what is young enough is in the log with its series, and so is what a queue has still to send, over checkpoints and restarts;
    /// memory and log stay bounded.
    /// </summary>
    [Fact]
    public void Truncate_OverManyHours_KeepsTheYoungAndTheOwedAndBoundsTheLog()
    {
        var random = new Random(5);
        var written = new List<(string Name, long TimestampMs, double Value)>();
        var refs = new Dictionary<ulong, string>();
        var ends = new List<(WalPosition End, long TimeMs, int Count)>();
        var part = _owed.Add("queue", _agent.Storage.WalPublished.Position);
        var sent = 0;
        var minMs = long.MinValue;
        long largest = 0;
        for (var step = 0; step < 200; step++)
        {
            _agent.Time.Advance(TimeSpan.FromMinutes(15));
            for (var i = 0; i < 20; i++)
            {
                var name = $"s{(i < 5 ? i : random.Next(step * 3, (step * 3) + 30))}";
                var result = _agent.Append(name, _agent.NowMs + i, step);
                Assert.Null(result.Error);
                Assert.Equal(name, refs.TryGetValue(result.NewRefs[0], out var owner) ? owner : refs[result.NewRefs[0]] = name);
                if (result.Refused.Length == 0)
                {
                    written.Add((name, _agent.NowMs + i, step));
                }
            }

            // The queue is as far as the log is, or as it was up to two hours ago.
            ends.Add((_agent.Storage.WalPublished.Position, _agent.NowMs, written.Count));
            _agent.Look();
            var reached = ends[Math.Max(0, ends.Count - 1 - random.Next(9))];
            if (reached.Count > sent)
            {
                (part.Position, _, sent) = reached;
            }

            if (step % 8 == 7)
            {
                var sentMs = ends.Last(end => end.Count <= sent).TimeMs;
                minMs = Math.Max(minMs, AgentRetention.MinMs(_agent.NowMs, sentMs, _agent.Options));
                _agent.Truncate();
                var young = written.Where(sample => sample.TimestampMs >= minMs).ToList();
                Assert.Empty(young.Except(_agent.Log()));
                AssertOwed(part.Position, written.Skip(sent));
                largest = Math.Max(largest, WalFormat.Segments(_agent.Storage.WalDirectory).Count);
            }

            if (step % 50 == 49)
            {
                _agent.Reopen();
                AssertOwed(part.Position, written.Skip(sent));
            }
        }

        Assert.InRange(largest, 1, 20);
        Assert.InRange(_agent.Storage.Series.Count, 5, 1000);
        Assert.NotNull(WalFormat.LastCheckpoint(_agent.Storage.WalDirectory));
    }

    /// <summary>A queue that stalls for long: series of hours ago are forgotten in memory, and read by the queue all the same.</summary>
    [Fact]
    public void Truncate_QueueStalls_ForgottenSeriesAreStillRead()
    {
        var written = new List<(string Name, long TimestampMs, double Value)>();
        var part = _owed.Add("queue", _agent.Storage.WalPublished.Position);
        for (var step = 0; step < 30; step++)
        {
            _agent.Time.Advance(TimeSpan.FromMinutes(30));
            for (var i = 0; i < 40; i++)
            {
                var name = $"s{step}_{i}_{new string('x', 100)}";
                Assert.Null(_agent.Append(name, _agent.NowMs, step).Error);
                written.Add((name, _agent.NowMs, step));
            }

            _agent.Look();
            if (step % 4 == 3)
            {
                _agent.Truncate();
            }
        }

        Assert.InRange(_agent.Storage.Series.Count, 1, 12 * 40);
        Assert.True(WalFormat.LastCheckpoint(_agent.Storage.WalDirectory) > part.Position.Segment + 3);
        AssertOwed(part.Position, written);
        _agent.Reopen();
        AssertOwed(part.Position, written);

        // Written long ago: longer than --storage.agent.retention.max-time allows.
        var old = WalFormat.Segments(_agent.Storage.WalDirectory).Take(2).ToList();
        foreach (var segment in old)
        {
            File.SetLastWriteTimeUtc(WalFormat.SegmentPath(_agent.Storage.WalDirectory, segment), (_agent.Time.GetUtcNow() - _agent.Options.MaxTime).UtcDateTime.AddMinutes(-1));
        }

        _agent.Look();
        Assert.Equal(old[1] + 1, WalFormat.Segments(_agent.Storage.WalDirectory)[0]);
    }

    [Fact]
    public void Look_MoreIsOwedThanMayBe_TheNextTruncationIsDueAtOnce()
    {
        using var agent = new AgentFixture(options => options with
        {
            Owed = _owed,
            OwedMaxBytes = 8 * WalFormat.PageSize,
            Wal = new WalOptions(SegmentSize: WalFormat.PageSize, Compress: false),
        });
        var part = _owed.Add("queue", agent.Storage.WalPublished.Position);
        var urgent = 0;
        for (var step = 0; step < 400; step++)
        {
            agent.Time.Advance(TimeSpan.FromSeconds(10));
            for (var i = 0; i < 10; i++)
            {
                Assert.Null(agent.Append($"s{step}_{i}_{new string('x', 200)}", agent.NowMs, step).Error);
            }

            agent.Look();
            if (agent.Storage.Writer.IsTruncationUrgent)
            {
                urgent++;
                agent.Truncate();
            }
        }

        Assert.InRange(urgent, 2, 20);
        Assert.InRange(WalFormat.Segments(agent.Storage.WalDirectory).Count, 2, 12);
        Assert.True(OwedReading.From(agent.Storage.WalDirectory, agent.Storage.WalPublished, part.Position) is { Unknown: 0, LostSegments: > 2 });
    }

    private void AssertOwed(WalPosition from, IEnumerable<(string Name, long TimestampMs, double Value)> expected)
    {
        var reading = OwedReading.From(_agent.Storage.WalDirectory, _agent.Storage.WalPublished, from);
        Assert.Equal((0, 0, 0L), (reading.Unknown, reading.LostSegments, reading.DamagedPlaces));
        Assert.Equal(expected.Select(sample => (StorageFixture.Series(sample.Name).ToString(), sample.TimestampMs, sample.Value)), reading.Samples);
    }

    private static void FlipFirstBit(string segment)
    {
        var bytes = File.ReadAllBytes(segment);
        bytes[WalFormat.HeaderSize] ^= 1;
        File.WriteAllBytes(segment, bytes);
    }
}
