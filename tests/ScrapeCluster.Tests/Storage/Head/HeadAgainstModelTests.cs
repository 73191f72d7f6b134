using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Head;

/// <summary>Random scrapes against a dictionary of lists, across reopening, cutting and damage.</summary>
public sealed class HeadAgainstModelTests
{
    private readonly Dictionary<string, List<(long Time, ulong Bits)>> _model = [];
    private readonly Dictionary<string, ulong> _refs = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Append_RandomScrapes_EqualsModelAcrossReopens(int seed)
    {
        var random = new Random(seed);
        using var storage = new StorageFixture(options => options with { Wal = new WalOptions(SegmentSize: 4 * 32 * 1024) });
        var time = 1_700_000_000_000;
        for (var scrape = 0; scrape < 600; scrape++)
        {
            time += random.Next(6) == 0 ? random.Next(1, 30_000) : 10_000;
            Scrape(storage, random, time, random.Next(1, 60));
            if (random.Next(150) == 0)
            {
                storage.Reopen();
                Check(storage);
            }
        }

        Check(storage);
        storage.Reopen();
        Check(storage);
        Assert.Equal(0, storage.Storage.Corruptions);
    }

    /// <summary>The process dies at any byte: all scrapes whose bytes are whole are there, in order, and the log goes on.</summary>
    [Fact]
    public void Reopen_LogCutAnywhere_KeepsEveryWholeScrape()
    {
        var random = new Random(7);
        using var source = new StorageFixture();
        var ends = new List<(long Length, long Time)>();
        var path = Path.Combine(source.Directory, "wal", WalFormat.SegmentName(0));
        for (var scrape = 1; scrape <= 60; scrape++)
        {
            Scrape(source, random, scrape * 10_000, 40);
            ends.Add((new FileInfo(path).Length, scrape * 10_000));
        }

        var bytes = ReadShared(path);
        for (var cut = 0; cut < 60; cut++)
        {
            var length = random.Next(bytes.Length + 1);
            var directory = Directory.CreateTempSubdirectory("kill-point-").FullName;
            Directory.CreateDirectory(Path.Combine(directory, "wal"));
            File.WriteAllBytes(Path.Combine(directory, "wal", WalFormat.SegmentName(0)), bytes[..length]);

            using var reopened = new StorageFixture(directory: directory);
            var lastWhole = ends.LastOrDefault(end => end.Length <= length).Time;
            Check(reopened, upTo: lastWhole, mayHaveMore: true);
            Assert.Null(reopened.Append("after", 10_000_000, 1).Error);
            reopened.Reopen();
            Assert.Equal(0, reopened.Storage.Corruptions);
            Check(reopened, upTo: lastWhole, mayHaveMore: true);
            Assert.Single(reopened.Select("after"));
        }
    }

    [Fact]
    public void Reopen_DamageInTheMiddle_IsReportedAndTheRestIsKept()
    {
        using var storage = new StorageFixture();
        var random = new Random(9);
        for (var scrape = 1; scrape <= 2000; scrape++)
        {
            Scrape(storage, random, scrape * 1000, 40);
        }

        storage.Storage.Dispose();
        var path = Path.Combine(storage.Directory, "wal", WalFormat.SegmentName(0));
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 0x40;
        File.WriteAllBytes(path, bytes);

        storage.Reopen();
        Assert.True(storage.Storage.Corruptions > 0);
        var before = _model.Sum(series => series.Value.Count);
        var after = storage.Select("{job=\"test\"}").Sum(series => series.Values.Length);
        Assert.True(after < before && after > before * 9 / 10, $"{after} of {before} samples kept");
        Assert.Contains(storage.Select("{job=\"test\"}"), series => series.TimestampsMs[^1] == 2_000_000);
        storage.Reopen();
        Assert.Equal(0, storage.Storage.Corruptions);
    }

    [Fact]
    public void Truncate_WithReopens_KeepsWhatIsYoungEnoughAndCollectsTheRest()
    {
        var random = new Random(11);
        using var storage = new StorageFixture(options => options with
        {
            RetentionTime = TimeSpan.FromMinutes(30),
            TruncateSlack = TimeSpan.FromMinutes(5),
            Wal = new WalOptions(SegmentSize: 2 * 32 * 1024),
        });
        for (var scrape = 1; scrape <= 3000; scrape++)
        {
            var time = scrape * 10_000L;
            Scrape(storage, random, time, 20, firstSeries: scrape / 100 * 5);
            if (scrape % 30 == 0)
            {
                Maintain(storage);
            }

            if (scrape % 700 == 0)
            {
                storage.Reopen();
                _refs.Clear();
            }
        }

        Maintain(storage);
        var kept = storage.Storage.Query.Stats;
        Assert.InRange(kept.SeriesCount, 60, 200);
        Check(storage, from: kept.MinTimeMs);
        var walBytes = new DirectoryInfo(storage.Storage.WalDirectory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.True(walBytes < 1_500_000, $"the log holds {walBytes} bytes");
        storage.Reopen();
        Check(storage, from: storage.Storage.Query.Stats.MinTimeMs);
        Assert.Equal(0, storage.Storage.Corruptions);
    }

    private static void Maintain(StorageFixture storage)
    {
        var writer = storage.Storage.Writer;
        if (writer.BeginTruncation())
        {
            while (writer.ContinueTruncation())
            {
            }
        }

        if (writer.BeginCheckpoint(TestContext.Current.CancellationToken) is { } checkpoint)
        {
            writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }
    }

    private void Scrape(StorageFixture storage, Random random, long time, int count, int firstSeries = 0)
    {
        var names = Enumerable.Range(0, count).Select(_ => $"s{firstSeries + random.Next(100)}").Distinct().ToList();
        var values = names.Select(_ => random.Next(3) == 0 ? random.NextDouble() : random.Next(1000)).ToList();
        var pending = names.Select((name, i) => (name, value: values[i])).ToList();
        while (pending.Count > 0)
        {
            var sent = pending;
            var added = sent.Where(sample => !_refs.ContainsKey(sample.name)).ToList();
            var result = storage.Append(batch =>
            {
                batch.TimestampMs = time;
                foreach (var (name, value) in sent)
                {
                    if (_refs.TryGetValue(name, out var known))
                    {
                        batch.Add(known, value);
                    }
                    else
                    {
                        batch.AddNew(StorageFixture.Series(name), value);
                    }
                }
            });
            Assert.Null(result.Error);
            Assert.Empty(result.Refused);
            for (var i = 0; i < added.Count; i++)
            {
                _refs[added[i].name] = result.NewRefs[i];
            }

            pending = [.. result.Unknown.Select(unknown => sent[unknown.Index])];
            pending.ForEach(sample => _refs.Remove(sample.name));
        }

        for (var i = 0; i < names.Count; i++)
        {
            var list = _model.TryGetValue(names[i], out var known) ? known : _model[names[i]] = [];
            list.Add((time, BitConverter.DoubleToUInt64Bits(values[i])));
        }
    }

    private void Check(StorageFixture storage, long upTo = long.MaxValue, long from = long.MinValue, bool mayHaveMore = false)
    {
        var actual = storage.Select("{job=\"test\",__name__=~\"s.*\"}", from, mayHaveMore ? upTo : long.MaxValue)
            .ToDictionary(series => series.Labels.Get("__name__")!, series => series);
        var expected = _model
            .Select(series => (series.Key, Samples: series.Value.Where(sample => sample.Time <= upTo && sample.Time >= from).ToList()))
            .Where(series => series.Samples.Count > 0)
            .ToList();
        Assert.Equal(expected.Select(series => series.Key).Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, samples) in expected)
        {
            Assert.Equal(samples.Select(sample => sample.Time), actual[name].TimestampsMs);
            Assert.Equal(samples.Select(sample => sample.Bits), actual[name].Values.Select(BitConverter.DoubleToUInt64Bits));
        }
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
