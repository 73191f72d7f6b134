using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>Messages of a stream, one behind the other, each after its length as a varint: protobuf's own delimited form.</summary>
public static class PeerFraming
{
    private const int LongestVarint = 5;

    public static void Write(IBufferWriter<byte> destination, IMessage message)
    {
        var length = (uint)message.CalculateSize();
        var prefix = destination.GetSpan(LongestVarint);
        var written = 0;
        for (; length >= 0x80; length >>= 7)
        {
            prefix[written++] = (byte)(length | 0x80);
        }

        prefix[written++] = (byte)length;
        destination.Advance(written);
        message.WriteTo(destination);
    }

    /// <summary>Reads until the end of the source; bytes that are no such stream, or end within a message, are an <see cref="InvalidDataException"/>.</summary>
    internal static async IAsyncEnumerable<TMessage> ReadAsync<TMessage>(
        Stream source, MessageParser<TMessage> parser, int maxMessageBytes, [EnumeratorCancellation] CancellationToken cancellation)
        where TMessage : IMessage<TMessage>
    {
        var reader = PipeReader.Create(source);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellation);
                var buffer = read.Buffer;
                while (TryTake(ref buffer, maxMessageBytes, out var frame))
                {
                    yield return Parse(parser, frame);
                }

                if (read.IsCompleted)
                {
                    if (!buffer.IsEmpty)
                    {
                        throw new InvalidDataException($"the stream ended within a message, after {buffer.Length} of its bytes");
                    }

                    yield break;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, int maxMessageBytes, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        var bytes = new SequenceReader<byte>(buffer);
        ulong length = 0;
        for (var shift = 0; ; shift += 7)
        {
            if (!bytes.TryRead(out var part))
            {
                return false;
            }

            length |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                break;
            }

            if (shift == 7 * (LongestVarint - 1))
            {
                throw new InvalidDataException("a message's length has too many bytes");
            }
        }

        if (length > (ulong)maxMessageBytes)
        {
            throw new InvalidDataException($"a message of {length} bytes, more than {maxMessageBytes}");
        }

        if (bytes.Remaining < (long)length)
        {
            return false;
        }

        frame = buffer.Slice(bytes.Position, (long)length);
        buffer = buffer.Slice(frame.End);
        return true;
    }

    private static TMessage Parse<TMessage>(MessageParser<TMessage> parser, ReadOnlySequence<byte> frame)
        where TMessage : IMessage<TMessage>
    {
        try
        {
            return parser.ParseFrom(frame);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"a message that is none: {e.Message}", e);
        }
    }
}
