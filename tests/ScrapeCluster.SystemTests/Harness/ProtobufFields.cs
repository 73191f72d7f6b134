using System.Buffers.Binary;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>Every field of a protobuf message as it stands on the wire (https://protobuf.dev/programming-guides/encoding/).</summary>
internal static class ProtobufFields
{
    public static IReadOnlyList<ProtobufField> Of(byte[] message)
    {
        var fields = new List<ProtobufField>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch ((WireType)(tag & 7))
            {
                case WireType.Varint:
                    fields.Add(new ProtobufField(number, WireType.Varint, Varint(message, ref at), []));
                    break;
                case WireType.Fixed64:
                    fields.Add(new ProtobufField(number, WireType.Fixed64, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at, 8)), []));
                    at += 8;
                    break;
                case WireType.Bytes:
                    var length = (int)Varint(message, ref at);
                    fields.Add(new ProtobufField(number, WireType.Bytes, 0, message[at..(at + length)]));
                    at += length;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7} at byte {at}");
            }
        }

        return fields;
    }

    public static ulong Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }
    }
}

/// <summary>Lower three bits of a tag.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
}

/// <param name="Bits">Of a number.</param>
/// <param name="Bytes">Of everything else.</param>
internal readonly record struct ProtobufField(int Number, WireType Type, ulong Bits, byte[] Bytes)
{
    public double Double => BitConverter.UInt64BitsToDouble(Bits);

    /// <summary>Of a signed number that is folded so that small ones are short.</summary>
    public long Folded => Fold(Bits);

    public IReadOnlyList<long> PackedFolded => [.. Packed().Select(Fold)];

    public IReadOnlyList<double> PackedDoubles => [.. Bytes.Chunk(8).Select(chunk => BinaryPrimitives.ReadDoubleLittleEndian(chunk))];

    private static long Fold(ulong bits) => (long)(bits >> 1) ^ -(long)(bits & 1);

    private IEnumerable<ulong> Packed()
    {
        for (var at = 0; at < Bytes.Length;)
        {
            yield return ProtobufFields.Varint(Bytes, ref at);
        }
    }
}
