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
            var tag = WriteRequestReader.Varint(message, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    fields.Add(new ProtobufField(number, WriteRequestReader.Varint(message, ref at), []));
                    break;
                case 1:
                    fields.Add(new ProtobufField(number, BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at, 8)), []));
                    at += 8;
                    break;
                case 2:
                    var length = (int)WriteRequestReader.Varint(message, ref at);
                    fields.Add(new ProtobufField(number, 0, message[at..(at + length)]));
                    at += length;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7} at byte {at}");
            }
        }

        return fields;
    }
}

/// <param name="Bits">Of a number.</param>
/// <param name="Bytes">Of everything else.</param>
internal sealed record ProtobufField(int Number, ulong Bits, byte[] Bytes)
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
            yield return WriteRequestReader.Varint(Bytes, ref at);
        }
    }
}
