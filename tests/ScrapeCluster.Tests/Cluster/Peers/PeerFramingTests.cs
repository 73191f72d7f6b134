using System.Buffers;
using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Tests.Cluster.Peers;

public sealed class PeerFramingTests
{
    private const int Most = 100_000;

    public static TheoryData<byte[], string> Hostile => new()
    {
        { [0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "too many bytes" },
        { [0xff, 0xff, 0xff, 0xff, 0x0f], "a message of 4294967295 bytes, more than 100000" },
        { [0xa1, 0x8d, 0x06], "a message of 100001 bytes, more than 100000" },
        { [0x80], "ended within a message" },
        { [0x05, 0x08], "ended within a message" },
        { [0x02, 0x0a, 0x7f], "a message that is none" },
        { [0x01, 0xff], "a message that is none" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Read_HostileBytes_AreAFaultAndNotAnAllocation(byte[] bytes, string reason)
    {
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(bytes, chunk: int.MaxValue));

        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_RandomBytes_EndInOrderOrByAFault()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            try
            {
                await ReadAsync(bytes, chunk: 7);
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    public async Task Read_WhatWasWritten_InPiecesOfAnySize(int chunk)
    {
        int[] lengths = [0, 1, 127, 128, 5000, 0, 70_000];
        var written = new ArrayBufferWriter<byte>();
        foreach (var length in lengths)
        {
            PeerFraming.Write(written, new WatchRequest { Leader = new string('x', length) });
        }

        Assert.Equal(lengths, (await ReadAsync(written.WrittenSpan.ToArray(), chunk)).Select(watch => watch.Leader.Length));
    }

    [Fact]
    public void Write_IsProtobufsOwnDelimitedForm()
    {
        var message = new WatchRequest { Leader = new string('x', 300) };
        var written = new ArrayBufferWriter<byte>();
        PeerFraming.Write(written, message);

        using var expected = new MemoryStream();
        message.WriteDelimitedTo(expected);
        Assert.Equal(expected.ToArray(), written.WrittenSpan.ToArray());
    }

    [Theory]
    [InlineData(null, 100, 100, true)]
    [InlineData(null, 101, 100, false)]
    [InlineData(10L, 100, 100, true)]
    [InlineData(100L, 60, 100, true)]
    [InlineData(101L, 1, 100, false)]
    [InlineData(0L, 0, 100, true)]
    [InlineData(null, 50_000, 60_000, true)]
    public async Task Body_IsReadWholeUpToItsBound(long? claimed, int length, int most, bool isRead)
    {
        var bytes = new byte[length];
        new Random(2).NextBytes(bytes);

        Assert.Equal(isRead ? bytes : null, await BoundedBody.ReadAsync(new Pieces(bytes, 33), claimed, most, CancellationToken.None));
    }

    private static async Task<List<WatchRequest>> ReadAsync(byte[] bytes, int chunk) =>
        await PeerFraming.ReadAsync(new Pieces(bytes, chunk), WatchRequest.Parser, Most, CancellationToken.None).ToListAsync();

    /// <summary>Gives no more at a time than a slow network would.</summary>
    private sealed class Pieces(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }
}
