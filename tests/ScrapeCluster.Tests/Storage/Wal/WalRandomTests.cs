using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Wal;

public sealed class WalRandomTests : WalTestBase
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    public void Append_RandomRecords_AreReadByTheReferenceAndByTheReader(bool compress, int seed)
    {
        var random = new Random(seed);
        var options = new WalOptions(SegmentSize: 8 * WalFormat.PageSize, Compress: compress);
        var written = new List<byte[]>();
        for (var open = 0; open < 3; open++)
        {
            using var writer = WalWriter.Open(WalDirectory, options);
            for (var i = 0; i < 60; i++)
            {
                var records = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => RandomRecord(random, RecordSize(random))).ToArray();
                Assert.Null(writer.Append(BatchOf(records)));
                written.AddRange(records);
            }
        }

        var segments = WalFormat.Segments(WalDirectory);
        Assert.Equal(Enumerable.Range(0, segments.Count), segments);
        Assert.Equal(Texts(written), Texts(segments.SelectMany(segment => ReferenceWal.Records(File.ReadAllBytes(SegmentFile(segment))))));
        Assert.Equal(Texts(written), Texts(ReadRecords(out var damages)));
        Assert.Empty(damages);
        Assert.All(segments, segment => Assert.Equal(0, new FileInfo(SegmentFile(segment)).Length % WalFormat.PageSize));
    }

    /// <summary>Texts are compared a hundred times as fast as lists of bytes.</summary>
    private static IEnumerable<string> Texts(IEnumerable<byte[]> records) => records.Select(Convert.ToHexString);

    /// <summary>Lengths on both sides of every split: a full page, the rest of a page, several pages.</summary>
    private static int RecordSize(Random random) => random.Next(4) switch
    {
        0 => 40,
        1 => 3_000,
        2 => WalFormat.PageSize + 20,
        _ => 3 * WalFormat.PageSize,
    };

    [Fact]
    public void AddSamples_RandomValues_AreBitExactInTheReference()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var count = 1 + random.Next(50);
            var refs = Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64() >> random.Next(64)).ToArray();
            var values = Enumerable.Range(0, count).Select(_ => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue))).ToArray();
            var times = Enumerable.Range(0, count).Select(_ => random.NextInt64(-1L << random.Next(60), 1L << random.Next(60))).ToArray();
            var own = round % 2 == 0;
            var batch = new WalBatch();
            if (own)
            {
                batch.AddSamples(refs, values, times);
            }
            else
            {
                batch.AddSamples(refs, values, times[0]);
            }

            var expected = refs.Select((seriesRef, i) => (seriesRef, own ? times[i] : times[0], BitConverter.DoubleToUInt64Bits(values[i])));
            Assert.Equal(expected, ReferenceWal.Samples(batch.Record(0).ToArray()));
        }
    }

    [Fact]
    public void Checksum_RandomInput_EqualsBitwise()
    {
        var random = new Random(6);
        for (var length = 0; length < 300; length++)
        {
            var data = new byte[length];
            random.NextBytes(data);
            Assert.Equal(ReferenceWal.Crc32C(data), WalChecksum.Compute(data));
        }
    }
}
