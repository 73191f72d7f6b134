using System.Buffers.Binary;
using System.Text;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>The bytes of series lines: what goes in comes out, and what is damaged is refused.</summary>
public class SeriesLinesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void PackAndUnpack_RandomLines_GiveThemBack(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var lines = RandomLines(random);
            Assert.Equal(lines, Unpack(Pack(lines)));
        }
    }

    [Fact]
    public void Pack_LongestText_ComesBack()
    {
        var text = new byte[SeriesCache.LongestTextBytes];
        Array.Fill(text, (byte)'a');

        Assert.Equal(text.Length, Assert.Single(Unpack(Pack([(text, SeriesFlags.Summary)]))).Text.Length);
    }

    [Fact]
    public void Pack_MoreThanMayBeUnpacked_LeavesTheRestOut()
    {
        var text = new byte[8 << 20];
        Array.Fill(text, (byte)'a');

        var packed = Pack([.. Enumerable.Repeat((text, SeriesFlags.None), 9)]);

        Assert.Equal(7, Unpack(packed).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Unpack_DamagedBytes_AreRefused(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 300; round++)
        {
            var lines = RandomLines(random);
            var packed = Pack(lines);
            var damaged = random.Next(3) switch
            {
                0 => packed[..random.Next(packed.Length)],
                1 => Flip(packed, random),
                _ => [.. packed.AsSpan(0, random.Next(packed.Length)), .. Noise(random)],
            };

            // Deflate has bits that say nothing; what is accepted must then be the same lines.
            if (SeriesLines.TryUnpack(damaged, out _, out var fault))
            {
                Assert.Equal(lines, Unpack(damaged));
            }
            else
            {
                Assert.NotEmpty(fault);
            }
        }
    }

    [Fact]
    public void Unpack_LengthThatCannotBe_IsRefusedBeforeAnythingIsAllocated()
    {
        var packed = Pack([("a"u8.ToArray(), SeriesFlags.None)]);
        foreach (var length in (int[])[-1, int.MinValue, SeriesLines.MaxUnpackedBytes, SeriesLines.MaxUnpackedBytes + 1, int.MaxValue])
        {
            BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(9), length);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.False(SeriesLines.TryUnpack(packed, out _, out var fault));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
            Assert.Contains("cannot hold", fault);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x04 })]
    [InlineData(new byte[] { 0x00 })]
    [InlineData(new byte[] { 0x07, 0x61 })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x01 })]
    [InlineData(new byte[] { 0xFC, 0xFF, 0xFF, 0x7F, 0x61 })]
    public void Unpack_RightSumOverWrongLines_IsRefused(byte[] unpacked)
    {
        Assert.False(SeriesLines.TryUnpack(SeriesLines.Pack(unpacked), out _, out var fault));
        Assert.Equal("they are damaged", fault);
    }

    [Fact]
    public void Unpack_OtherVersion_SaysSo()
    {
        var packed = SeriesLines.Pack([]);
        packed[0] = 9;

        Assert.False(SeriesLines.TryUnpack(packed, out _, out var fault));
        Assert.Equal("version 9 of series lines is not known here", fault);
        Assert.False(SeriesLines.TryUnpack([], out _, out _));
    }

    private static List<(string Text, SeriesFlags Type)> RandomLines(Random random)
    {
        SeriesFlags[] types = [SeriesFlags.None, SeriesFlags.Histogram, SeriesFlags.Summary];
        return [.. Enumerable.Range(0, random.Next(200)).Select(i => ($"metric_{i}{{x=\"{new string('v', random.Next(200))}\"}}", types[random.Next(3)]))];
    }

    private static byte[] Pack(List<(string Text, SeriesFlags Type)> lines) => Pack([.. lines.Select(static line => (Encoding.UTF8.GetBytes(line.Text), line.Type))]);

    private static byte[] Pack((byte[] Text, SeriesFlags Type)[] lines)
    {
        using var writer = new SeriesLinesWriter();
        foreach (var (text, type) in lines)
        {
            // What else the cache knows of a series stays here.
            writer.Add(text, type | SeriesFlags.Tracked | SeriesFlags.Known);
        }

        return writer.Pack();
    }

    private static List<(string Text, SeriesFlags Type)> Unpack(byte[] packed)
    {
        Assert.True(SeriesLines.TryUnpack(packed, out var unpacked, out var fault), fault);
        var lines = new List<(string, SeriesFlags)>();
        foreach (var line in unpacked)
        {
            lines.Add((Encoding.UTF8.GetString(line.Text), line.Type));
        }

        return lines;
    }

    private static byte[] Flip(byte[] packed, Random random)
    {
        var damaged = packed.ToArray();
        damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
        return damaged;
    }

    private static byte[] Noise(Random random)
    {
        var noise = new byte[random.Next(100)];
        random.NextBytes(noise);
        return noise;
    }
}
