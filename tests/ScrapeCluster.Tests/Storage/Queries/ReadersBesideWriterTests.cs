using ScrapeCluster.Model;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Queries;

/// <summary>
/// One writer appends, cuts and collects series as fast as it can while readers select. Every value tells its series and time,
/// so whatever a reader sees proves that no row, chunk or label was used again under its hands.
/// </summary>
public sealed class ReadersBesideWriterTests : IDisposable
{
    private const int Readers = 2;
    private const int Rounds = 3000;
    private const int LiveSeries = 40;
    private const int KeptRounds = 300;

    private readonly string _directory = Directory.CreateTempSubdirectory("readers-test-").FullName;
    private readonly HeadBlock _head = new();
    private Task<ChunkFlush>? _flush;
    private long _publishedRound;

    public ReadersBesideWriterTests()
    {
        _head.Files = ChunkFiles.Open(_directory, (in ChunkFileEntry _, ChunkRef _) => { }, out _);
    }

    public void Dispose()
    {
        _head.Files?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Select_BesideAppendsAndTruncations_SeesWholeSeries()
    {
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, Readers).Select(_ => OwnThread.Run(() => ReadUntil(done.Token))).ToList();
        var written = await OwnThread.Run(Write);
        await done.CancelAsync();
        var reads = await Task.WhenAll(readers);

        Assert.All(reads, count => Assert.True(count > 0));
        Assert.True(written > Rounds);
        Assert.True(_head.SeriesRemoved > LiveSeries, "the test collects series");
        if (_flush is not null)
        {
            // It counts as a reader until its end is told, and holds back what went since.
            var flush = await _flush;
            Assert.Null(flush.Failure);
            _head.EndFlush(flush);
        }

        Assert.InRange(_head.Files!.Count, 1, 12);
        _head.Reclaim();
        Assert.True(_head.Blocks.Used < 5000, $"{_head.Blocks.Used} chunk blocks are in use: memory is bounded");
    }

    private long Write()
    {
        var random = new Random(1);
        var written = 0L;
        for (long round = 1; round <= Rounds; round++)
        {
            // Every 50 rounds the oldest tenth of the series ends and others begin.
            var first = round / 50 * (LiveSeries / 10);
            for (var number = first; number < first + LiveSeries; number++)
            {
                _head.Append(_head.FindOrCreate(Series(number), out _), round * 1000, Value(number, round));
                written++;
            }

            Volatile.Write(ref _publishedRound, round);
            Flush();
            if (round % 100 == 0)
            {
                var truncation = new HeadTruncation(_head, Math.Max(0, (round - KeptRounds - random.Next(100)) * 1000));
                while (truncation.Step())
                {
                }
            }
        }

        return written;
    }

    private void Flush()
    {
        if (_flush is null)
        {
            _flush = _head.BeginFlush()?.RunAsync();
        }
        else if (_flush.IsCompleted)
        {
            _head.EndFlush(_flush.Result);
            _flush = null;
        }
    }

    private long ReadUntil(CancellationToken done)
    {
        var query = new StorageQuery(_head, (_, _) => []);
        var matchers = StorageFixture.Matchers("{job=\"test\",parity=~\"even|odd\"}");
        var seen = 0L;
        while (!done.IsCancellationRequested || seen == 0)
        {
            var round = Volatile.Read(ref _publishedRound);
            var series = query.Select(matchers);
            foreach (var one in series)
            {
                Check(one, round);
                seen++;
            }

            // A series of that round is collected KeptRounds later at the earliest; a reader may have been off its core for longer.
            if (round > KeptRounds && Volatile.Read(ref _publishedRound) <= round + KeptRounds)
            {
                Assert.True(series.Count >= LiveSeries, $"{series.Count} series at round {round}");
            }
        }

        return seen;
    }

    private static void Check(SeriesSamples series, long roundBefore)
    {
        var number = long.Parse(series.Labels.Get("number")!, null);
        Assert.Equal(number % 2 == 0 ? "even" : "odd", series.Labels.Get("parity"));
        for (var i = 0; i < series.Values.Length; i++)
        {
            var round = series.TimestampsMs[i] / 1000;
            Assert.Equal(Value(number, round), series.Values[i]);
            Assert.True(i == 0 || series.TimestampsMs[i] == series.TimestampsMs[i - 1] + 1000, "a hole");
        }

        // What was written before the query began is there, unless the series has ended by then.
        var firstNow = roundBefore / 50 * (LiveSeries / 10);
        if (number >= firstNow && number < firstNow + LiveSeries && series.Values.Length > 0)
        {
            Assert.True(series.TimestampsMs[^1] >= roundBefore * 1000, "an acknowledged sample is missing");
        }
    }

    private static double Value(long number, long round) => (number * 1_000_003) + (round * 0.37);

    private static Labels Series(long number) =>
        Labels.Of(("__name__", "m"), ("job", "test"), ("number", $"{number}"), ("parity", number % 2 == 0 ? "even" : "odd"));
}
