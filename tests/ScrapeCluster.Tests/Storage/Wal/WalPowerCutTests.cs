using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>What each fsync policy promises (FORMAT.md), at random moments, with everything unflushed kept, forgotten or torn.</summary>
public sealed class WalPowerCutTests : WalTestBase
{
    private const int Rounds = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly List<int> _segments = [];
    private readonly WalBatch _batch = new();

    /// <summary>The process ends, the machine does not: all that was written is there, flushed or not.</summary>
    [Theory]
    [InlineData(WalSyncPolicy.Segment)]
    [InlineData(WalSyncPolicy.Interval)]
    [InlineData(WalSyncPolicy.Batch)]
    public void Kill_AtAnyMoment_LosesNothing(WalSyncPolicy policy)
    {
        var random = new Random(1);
        Run(policy, random, (_, files) => AssertSurvives(files, Spared.All, random, _segments.Count));
    }

    [Fact]
    public void PowerCut_Batch_LosesNothingThatWasAcknowledged()
    {
        var random = new Random(2);
        var acknowledged = 0;
        Run(WalSyncPolicy.Batch, random, (writer, files) =>
        {
            if (random.Next(3) > 0)
            {
                Assert.Null(writer.Sync());
                acknowledged = _segments.Count;
            }

            AssertSurvives(files, Spared.Nothing, random, acknowledged);
            AssertSurvives(files, Spared.Some, random, acknowledged);
        });
        Assert.True(acknowledged > 100);
    }

    [Fact]
    public void PowerCut_Segment_LosesAtMostTheOpenSegmentAndTwoThatAreBeingFlushed()
    {
        var random = new Random(3);
        Run(WalSyncPolicy.Segment, random, (writer, files) =>
        {
            var before = _segments.Count(segment => segment < writer.SegmentIndex - 2);
            AssertSurvives(files, Spared.Nothing, random, before);
            AssertSurvives(files, Spared.Some, random, before);
        });

        // Once the flushes beside are through, only what the open segment had can be missing.
        var settled = new PowerCutFiles(WalDirectory);
        using var last = WalWriter.Open(WalDirectory, Options(WalSyncPolicy.Segment), settled);
        Append(last, 40);
        Assert.True(SpinWait.SpinUntil(() => settled.Flushes >= last.SegmentIndex - _segments[^40], Patience));
        AssertSurvives(settled, Spared.Nothing, random, _segments.Count(segment => segment < last.SegmentIndex));
    }

    [Fact]
    public void PowerCut_Interval_LosesAtMostOneInterval()
    {
        var random = new Random(4);
        var time = new ManualTimeProvider();
        var files = new PowerCutFiles(WalDirectory);
        var options = Options(WalSyncPolicy.Interval) with { SyncInterval = TimeSpan.FromSeconds(5) };
        using var writer = WalWriter.Open(WalDirectory, options, files, time: time);
        for (var round = 0; round < Rounds; round++)
        {
            var flushed = files.Flushes;
            Append(writer, 1 + random.Next(5));
            var before = _segments.Count;
            time.Advance(options.SyncInterval);
            Assert.True(
                SpinWait.SpinUntil(() => files.Flushes > flushed && IsFlushed(files, before), Patience), $"round {round}: the flush that was due did not come");
            Append(writer, 1 + random.Next(5));
            AssertSurvives(files, Spared.Nothing, random, before);
            AssertSurvives(files, Spared.Some, random, before);
        }
    }

    /// <summary>The writer's flush beside runs when it will; it is over when the cut finds everything.</summary>
    private bool IsFlushed(PowerCutFiles files, int count) => Surviving(files, Spared.Nothing, new Random(0)).Count >= count;

    private void Run(WalSyncPolicy policy, Random random, Action<WalWriter, PowerCutFiles> check)
    {
        var files = new PowerCutFiles(WalDirectory);
        var writer = WalWriter.Open(WalDirectory, Options(policy), files);
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                Append(writer, 1 + random.Next(8));
                if (random.Next(10) == 0)
                {
                    Assert.Null(writer.StartNextSegment());
                }

                check(writer, files);
                if (random.Next(10) == 0 && Checkpoint.Plan(WalDirectory, writer.SegmentIndex) is { } last)
                {
                    Checkpoint.Write(WalDirectory, last, _ => true, long.MinValue, files, CancellationToken.None);
                    check(writer, files);
                }
            }
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static WalOptions Options(WalSyncPolicy policy) => new(SegmentSize: 2 * WalFormat.PageSize, Compress: false, Sync: policy);

    /// <summary>Sample number n has the time n; the series goes before the first.</summary>
    private void Append(WalWriter writer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _batch.Clear();
            if (_segments.Count == 0)
            {
                _batch.AddSeries(1, SeriesLabels(1));
            }

            _batch.AddSample(1, _segments.Count, i);
            _batch.AddSeries((ulong)(1000 + _segments.Count), Labels.Of(("__name__", new string('x', 2000))));
            Assert.Null(writer.Append(_batch));
            _segments.Add(writer.SegmentIndex);
        }
    }

    /// <summary>At least the first so many samples are there after the power is back, and what is there can be repaired and written on.</summary>
    private void AssertSurvives(PowerCutFiles files, Spared spared, Random random, int count)
    {
        var found = Surviving(files, spared, random);
        for (var i = 0; i < count; i++)
        {
            Assert.True(found.Contains(i), $"sample {i} of {count} is lost ({spared}); {_segments.Count} were written");
        }
    }

    private static HashSet<long> Surviving(PowerCutFiles files, Spared spared, Random random)
    {
        var folder = Directory.CreateTempSubdirectory("power-cut-").FullName;
        try
        {
            files.Cut(folder, spared, random);
            Checkpoint.CleanUp(folder);
            var found = Read(folder, out var damages);
            Assert.All(WalRepair.Repair(damages), outcome => Assert.Null(outcome.Failure));
            WalWriter.Open(folder).Dispose();
            Assert.True(found.SetEquals(Read(folder, out damages)));
            Assert.Empty(damages);
            return found;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static HashSet<long> Read(string folder, out IReadOnlyList<WalDamage> damages)
    {
        var found = new HashSet<long>();
        using var reader = new WalReader(folder);
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Samples)
            {
                for (var samples = new SamplesRecordReader(record); samples.MoveNext();)
                {
                    found.Add(samples.TimestampMs);
                }
            }
        }

        damages = [.. reader.Damages];
        return found;
    }
}
