using ScrapeCluster.Storage.Compression;

namespace ScrapeCluster.Tests.Storage.Compression;

public sealed class SnappyTests
{
    [Fact]
    public void Encode_RandomInput_IsReadByBothDecoders()
    {
        var random = new Random(7);
        var encoder = new SnappyEncoder();
        for (var round = 0; round < 2000; round++)
        {
            var input = RandomInput(random, round);
            var block = new byte[SnappyEncoder.MaxLength(input.Length)];
            var length = encoder.Encode(input, block);

            Assert.Equal(input, IronSnappy.Snappy.Decode(block.AsSpan(0, length).ToArray()));
            var output = new byte[input.Length];
            Assert.True(SnappyDecoder.TryDecode(block.AsSpan(0, length), output));
            Assert.Equal(input, output);
        }
    }

    /// <summary>The second encoder runs out of positions time and again.</summary>
    [Fact]
    public void EncodeWithWindow_RandomInput_IsReadByBothDecoders()
    {
        var random = new Random(10);
        var encoder = new SnappyWindowEncoder();
        for (var round = 0; round < 500; round++)
        {
            var input = RandomInput(random, round);
            encoder = round % 50 == 0 ? new SnappyWindowEncoder(int.MaxValue - 300_000) : encoder;
            var block = new byte[SnappyWindowEncoder.MaxLength(input.Length)];
            var length = encoder.Encode(input, block);

            Assert.Equal(input, IronSnappy.Snappy.Decode(block.AsSpan(0, length).ToArray()));
            var output = new byte[input.Length];
            Assert.True(SnappyDecoder.TryDecode(block.AsSpan(0, length), output));
            Assert.Equal(input, output);
        }
    }

    [Theory]
    [InlineData(70_000)]
    [InlineData(300_000)]
    public void EncodeWithWindow_NothingRepeats_IsOneLiteral(int length)
    {
        var input = new byte[length];
        new Random(11).NextBytes(input);
        var block = new byte[SnappyWindowEncoder.MaxLength(length)];
        var written = new SnappyWindowEncoder().Encode(input, block);
        Assert.InRange(written, length, length + 100);
        Assert.Equal(input, IronSnappy.Snappy.Decode(block.AsSpan(0, written).ToArray()));
    }

    [Fact]
    public void TryDecode_BlocksOfAnotherEncoder_GiveTheInput()
    {
        var random = new Random(8);
        for (var round = 0; round < 2000; round++)
        {
            var input = RandomInput(random, round);
            var block = IronSnappy.Snappy.Encode(input);
            var output = new byte[input.Length];
            Assert.True(SnappyDecoder.TryDecode(block, output));
            Assert.Equal(input, output);
        }
    }

    [Fact]
    public void TryDecode_DamagedBlocks_AnswerWithoutThrowing()
    {
        var random = new Random(9);
        var encoder = new SnappyEncoder();
        for (var round = 0; round < 5000; round++)
        {
            var input = RandomInput(random, round % 300);
            var block = new byte[SnappyEncoder.MaxLength(input.Length)];
            var length = encoder.Encode(input, block);
            block[random.Next(length)] ^= (byte)(1 << random.Next(8));
            _ = SnappyDecoder.TryDecode(block.AsSpan(0, random.Next(length + 1)), new byte[input.Length]);
        }
    }

    /// <summary>Lengths around every boundary of the format, from random bytes to long repeats.</summary>
    private static byte[] RandomInput(Random random, int round)
    {
        var length = round < 200 ? round : random.Next(4) == 0 ? random.Next(200_000) : random.Next(3000);
        var input = new byte[length];
        var alphabet = 1 + random.Next(256);
        for (var i = 0; i < length; i++)
        {
            input[i] = random.Next(8) == 0 && i > 0 ? input[random.Next(i)] : (byte)random.Next(alphabet);
        }

        for (var copies = random.Next(20); copies > 0 && length > 1; copies--)
        {
            var size = random.Next(Math.Min(length, 300));
            Array.Copy(input, random.Next(length - size), input, random.Next(length - size), size);
        }

        return input;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public void EncodePiece_PieceByPiece_IsTheBlockAsAWhole(int length)
    {
        var random = new Random(length);
        var source = new byte[length];
        for (var i = 0; i < length; i++)
        {
            source[i] = (byte)random.Next(random.Next(1, 20));
        }

        var whole = new byte[SnappyEncoder.MaxLength(length)];
        var wholeLength = new SnappyEncoder().Encode(source, whole);

        var encoder = new SnappyEncoder();
        var pieces = new byte[SnappyEncoder.MaxHeaderLength + (4 * SnappyEncoder.MaxLength(SnappyEncoder.BlockSize))];
        var at = SnappyEncoder.WriteHeader(pieces, (uint)length);
        foreach (var piece in source.Chunk(SnappyEncoder.BlockSize))
        {
            at += encoder.EncodePiece(piece, pieces.AsSpan(at));
        }

        Assert.Equal(whole[..wholeLength], pieces[..at]);
    }
}
