using ScrapeCluster.Model;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Tests.Storage.Chunks;

public sealed class XorChunkTests
{
    private readonly ChunkBlocks _blocks = new();

    /// <summary>By hand from the format: t0 = 1 zig-zags to 2; 1.0 is 3ff0 and zeroes.</summary>
    [Fact]
    public void Append_OneSample_GivesBytesOfTheFormatPage()
    {
        Assert.Equal("023FF0000000000000", Convert.ToHexString(Encode([(1, 1.0)])));
    }

    /// <summary>
    /// By hand: delta 15 as uvarint 0F; 1.0 xor 2.0 = 7ff0 and zeroes: leading 1, significant 11, so
    /// 11 00001 001011 11111111111; then delta of delta 0 and the same value: 0 0; then +1 (10 and 14 bits) and the same value.
    /// </summary>
    [Fact]
    public void Append_FewSamples_GivesBytesOfTheFormatPage()
    {
        var bits = "00000010" + "0011111111110000" + new string('0', 48)
            + "00001111" + "11" + "00001" + "001011" + "11111111111"
            + "0" + "0"
            + "10" + "00000000000001" + "0";
        Assert.Equal(bits.PadRight((bits.Length + 7) / 8 * 8, '0'), Bits(Encode([(1, 1.0), (16, 2.0), (31, 2.0), (47, 2.0)])));
    }

    [Theory]
    [InlineData(8192, 16)]
    [InlineData(-8191, 16)]
    [InlineData(8193, 20)]
    [InlineData(-8192, 20)]
    [InlineData(65536, 20)]
    [InlineData(-65535, 20)]
    [InlineData(65537, 24)]
    [InlineData(-65536, 24)]
    [InlineData(524288, 24)]
    [InlineData(-524287, 24)]
    [InlineData(524289, 68)]
    [InlineData(-524288, 68)]
    public void Append_DeltaOfDeltaAtABorder_TakesTheAsymmetricRange(long difference, int expectedBits)
    {
        const long Delta = 1_000_000;
        (long, double)[] two = [(0, 1), (Delta, 1)];
        (long, double)[] three = [.. two, ((2 * Delta) + difference, 1)];
        Assert.Equal(expectedBits + 1, LengthBits(three) - LengthBits(two));
        AssertDecodes(three);
    }

    [Fact]
    public void Append_RandomSeries_EqualsReferenceAndDecodes()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var samples = RandomSamples(new Random(seed));
            var reference = new ReferenceXor();
            foreach (var (timestamp, value) in samples)
            {
                reference.Append(timestamp, value);
            }

            Assert.Equal(reference.LengthBits, LengthBits(samples));
            Assert.Equal(reference.ToBytes(), Encode(samples));
            AssertDecodes(samples);
        }
    }

    [Fact]
    public void Read_CutData_FailsInsteadOfReadingOn()
    {
        var samples = RandomSamples(new Random(1));
        var bytes = Encode(samples);
        for (var length = 0; length < bytes.Length; length++)
        {
            var reader = new XorReader(bytes.AsSpan(0, length), samples.Count);
            while (reader.MoveNext())
            {
            }

            Assert.True(reader.Failed);
        }
    }

    [Fact]
    public void FreeChain_GivesBlocksBack()
    {
        var before = _blocks.Used;
        var row = Append(RandomSamples(new Random(3)));
        _blocks.FreeChain(row.OpenChunk.FirstBlock);
        Assert.Equal(before, _blocks.Used);
    }

    private void AssertDecodes(IReadOnlyList<(long, double)> samples)
    {
        var reader = new XorReader(Encode(samples), samples.Count);
        foreach (var (timestamp, value) in samples)
        {
            Assert.True(reader.MoveNext());
            Assert.Equal(timestamp, reader.TimestampMs);
            Assert.Equal(BitConverter.DoubleToUInt64Bits(value), BitConverter.DoubleToUInt64Bits(reader.Value));
        }

        Assert.False(reader.MoveNext());
        Assert.False(reader.Failed);
    }

    private int LengthBits(IReadOnlyList<(long, double)> samples) => Append(samples).OpenChunk.LengthBits;

    private byte[] Encode(IReadOnlyList<(long, double)> samples)
    {
        var open = Append(samples).OpenChunk;
        Assert.Equal(samples.Count, open.SampleCount);
        var bytes = new byte[open.LengthBytes];
        _blocks.Copy(open.FirstBlock, bytes);
        return bytes;
    }

    private SeriesRow Append(IReadOnlyList<(long Timestamp, double Value)> samples)
    {
        var row = default(SeriesRow);
        for (var i = 0; i < samples.Count; i++)
        {
            var bits = BitConverter.DoubleToUInt64Bits(samples[i].Value);
            if (i == 0)
            {
                XorAppender.Start(ref row, _blocks, samples[i].Timestamp, bits);
            }
            else
            {
                XorAppender.Append(ref row, _blocks, samples[i].Timestamp, bits);
            }
        }

        return row;
    }

    internal static List<(long Timestamp, double Value)> RandomSamples(Random random)
    {
        var samples = new List<(long, double)>();
        var timestamp = random.NextInt64(-1L << 40, 1L << 41);
        var value = random.NextDouble() * 1000;
        var kind = random.Next(5);
        var count = random.Next(2, ChunkCut.MaxSamples);
        for (var i = 0; i < count; i++)
        {
            samples.Add((timestamp, value));
            timestamp += random.Next(12) switch
            {
                0 => random.Next(1, 20),
                1 => random.NextInt64(1, 1L << 21),
                2 when random.Next(20) == 0 => random.NextInt64(1, 1L << 45),
                3 => 10_000 + random.Next(-9000, 9000),
                _ => 10_000,
            };
            value = kind switch
            {
                0 => value,
                1 => value + random.Next(5),
                2 => random.NextDouble(),
                3 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                _ => random.Next(6) switch { 0 => SpecialValues.StaleNaN, 1 => double.PositiveInfinity, 2 => -0.0, 3 => SpecialValues.NormalNaN, _ => i },
            };
        }

        return samples;
    }

    private static string Bits(byte[] bytes) => string.Concat(bytes.Select(b => b.ToString("b8", null)));
}
