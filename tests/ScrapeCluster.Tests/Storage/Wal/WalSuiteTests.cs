using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Compression;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>What others wrote: page-level cases of tsdb/wlog, directories of stock Prometheus, a snappy golden pair.</summary>
public sealed class WalSuiteTests : WalTestBase
{
    [Fact]
    public void Reader_PageLevelCases_GiveTheRecordsThenTheFault()
    {
        foreach (var item in Cases().GetProperty("reader").EnumerateArray())
        {
            var id = item.GetProperty("id").GetString();
            File.WriteAllBytes(SegmentFile(0), item.GetProperty("stream_b64").GetBytesFromBase64());
            using var reader = new SegmentReader(SegmentFile(0), 0);
            var records = new List<byte[]>();
            while (reader.TryRead(out var record))
            {
                records.Add(record.ToArray());
            }

            var expected = item.GetProperty("records_b64").EnumerateArray().Select(element => element.GetBytesFromBase64());
            Assert.True(expected.SequenceEqual(records, RecordComparer.Instance), $"{id}: {records.Count} records");
            Assert.True(item.GetProperty("error").GetBoolean() == reader.Damage is not null, $"{id}: {reader.Damage}");
        }
    }

    [Fact]
    public void Repair_Cases_KeepEveryRecordButTheDamagedOne()
    {
        foreach (var item in Cases().GetProperty("repair").EnumerateArray())
        {
            var id = item.GetProperty("id").GetString();
            var segment = item.GetProperty("segment").GetInt32();
            var intact = item.GetProperty("intact_records").GetInt32();
            WriteRepairInput();
            using (var file = File.OpenHandle(SegmentFile(segment), FileMode.Open, FileAccess.ReadWrite))
            {
                RandomAccess.Write(file, item.GetProperty("write_b64").GetBytesFromBase64(), item.GetProperty("offset").GetInt64());
            }

            ReadRecords(out var damages);
            var outcome = Assert.Single(WalRepair.Repair(damages));
            Assert.Null(outcome.Failure);
            Assert.Equal((segment, SegmentFile(segment)), (outcome.First.Segment, outcome.First.File));
            using (var writer = WalWriter.Open(WalDirectory))
            {
                Assert.Equal(3, writer.SegmentIndex);
            }

            // Prometheus keeps what is before the damage; here what is behind it stays too, so one record of nine is gone.
            var expected = Enumerable.Range(1, 9).Where(i => i != intact + 1).Select(i => (byte)i);
            Assert.True(expected.SequenceEqual(ReadRecords(out var left).Select(record => record[0])), id);
            Assert.Empty(left);
            Assert.All(WalFormat.Segments(WalDirectory), index => ReferenceWal.Records(File.ReadAllBytes(SegmentFile(index))));
            Array.ForEach(Directory.GetFiles(WalDirectory), File.Delete);
        }
    }

    /// <summary>The same cases under the rule of Prometheus, to the letter.</summary>
    [Fact]
    public void Repair_CasesUnderCut_KeepExactlyTheIntactRecordsAndStartBehindTheDamagedSegment()
    {
        foreach (var item in Cases().GetProperty("repair").EnumerateArray())
        {
            var id = item.GetProperty("id").GetString();
            var segment = item.GetProperty("segment").GetInt32();
            var intact = item.GetProperty("intact_records").GetInt32();
            WriteRepairInput();
            using (var file = File.OpenHandle(SegmentFile(segment), FileMode.Open, FileAccess.ReadWrite))
            {
                RandomAccess.Write(file, item.GetProperty("write_b64").GetBytesFromBase64(), item.GetProperty("offset").GetInt64());
            }

            IReadOnlyList<WalDamage> damages;
            using (var reader = new WalReader(WalDirectory) { StopsAtDamage = true })
            {
                while (reader.TryRead(out _))
                {
                }

                damages = reader.Damages;
            }

            var outcome = Assert.Single(WalRepair.Repair(damages, WalRepairMode.Cut));
            Assert.Null(outcome.Failure);
            Assert.Equal((0, 2 - segment), (outcome.RecordsKeptBehind, outcome.SegmentsDropped));
            using (var writer = WalWriter.Open(WalDirectory))
            {
                Assert.Equal(segment + 1, writer.SegmentIndex);
                Assert.Equal(segment + 1, WalFormat.Segments(WalDirectory)[^1]);
            }

            var expected = Enumerable.Range(1, intact).Select(i => (byte)i);
            Assert.True(expected.SequenceEqual(ReadRecords(out var left).Select(record => record[0])), id);
            Assert.Empty(left);
            Array.ForEach(Directory.GetFiles(WalDirectory), File.Delete);
        }
    }

    [Theory]
    [InlineData("stock_wal_compressed")]
    [InlineData("stock_wal_uncompressed")]
    public void Reader_DirectoriesOfPrometheus_GiveWhatItsToolDumps(string name)
    {
        var directory = Path.Combine(SuitesRoot(), "ondisk_samples", name);
        var samples = ReadSamples(Path.Combine(directory, "wal"));
        foreach (var line in DumpLines(directory + ".dump.txt.gz"))
        {
            var fields = line[(line.LastIndexOf('}') + 2)..].Split(' ');
            var key = (line[..(line.LastIndexOf('}') + 1)], long.Parse(fields[1], CultureInfo.InvariantCulture));
            Assert.True(samples.TryGetValue(key, out var value), line);
            Assert.Equal(ParseGo(fields[0]), value);
        }
    }

    [Fact]
    public void Reader_CheckpointOfPrometheus_KnowsEverySeriesOfTheSegments()
    {
        var samples = ReadSamples(Path.Combine(SuitesRoot(), "ondisk_samples", "stock_crashed_with_blocks", "wal"));
        Assert.Equal(11819, samples.Count);
    }

    [Fact]
    public void Snappy_GoldenPair_DecodesToTheText()
    {
        var folder = Path.Combine(SuitesRoot(), "snappy", "testdata");
        var block = File.ReadAllBytes(Path.Combine(folder, "Isaac.Newton-Opticks.txt.rawsnappy"));
        var text = File.ReadAllBytes(Path.Combine(folder, "Isaac.Newton-Opticks.txt"));
        var output = new byte[text.Length];
        Assert.True(SnappyDecoder.TryDecode(block, output));
        Assert.Equal(text, output);

        var encoded = new byte[SnappyEncoder.MaxLength(text.Length)];
        var length = new SnappyEncoder().Encode(text, encoded);
        Assert.InRange(length, 1, block.Length * 105 / 100);
    }

    /// <summary>Three segments of three records; each record fills a page and starts with its number.</summary>
    private void WriteRepairInput()
    {
        for (var segment = 0; segment < 3; segment++)
        {
            using var writer = WalWriter.Open(WalDirectory, new WalOptions(Compress: false));
            for (var i = 1; i <= 3; i++)
            {
                var record = new byte[WalFormat.PageSize - WalFormat.HeaderSize];
                record[0] = (byte)((segment * 3) + i);
                Assert.Null(writer.Append(BatchOf(record)));
            }
        }
    }

    private static Dictionary<(string Labels, long TimestampMs), double> ReadSamples(string directory)
    {
        var names = new Dictionary<ulong, string>();
        var samples = new Dictionary<(string, long), double>();
        var builder = new LabelsBuilder();
        using var reader = new WalReader(directory);
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                var series = new SeriesRecordReader(record);
                while (series.MoveNext())
                {
                    series.ReadLabels(builder);
                    names[series.Ref] = builder.ToLabels().ToString();
                }

                Assert.False(series.IsBroken);
            }
            else
            {
                Assert.Equal(WalRecordType.Samples, (WalRecordType)record[0]);
                var entries = new SamplesRecordReader(record);
                while (entries.MoveNext())
                {
                    samples[(names[entries.Ref], entries.TimestampMs)] = entries.Value;
                }

                Assert.False(entries.IsBroken);
            }
        }

        return samples;
    }

    private static IEnumerable<string> DumpLines(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static double ParseGo(string text) => text switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static JsonElement Cases() =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SuitesRoot(), "wal_reader_cases.json"))).RootElement;

    private static string SuitesRoot()
    {
        Assert.SkipUnless(Suites.TryFind(out var root), Suites.MissingReason);
        return root!;
    }
}
