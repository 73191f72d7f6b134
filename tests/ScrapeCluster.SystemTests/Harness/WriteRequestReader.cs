using System.Buffers.Binary;
using System.Text;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>
/// Reads remote write 1.0 requests (https://prometheus.io/docs/specs/prw/remote_write_spec/), independent of the code under test:
/// WriteRequest { 1: TimeSeries { 1: Label { 1 name, 2 value }, 2: Sample { 1 value, 2 timestamp } }, 3: MetricMetadata { 1 type, 2 family, 4 help, 5 unit } }.
/// </summary>
internal static class WriteRequestReader
{
    public static IEnumerable<WrittenSample> Read(byte[] message)
    {
        foreach (var (field, series) in Messages(message))
        {
            if (field != 1)
            {
                continue;
            }

            var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
            var names = new List<string>();
            var samples = new List<(ulong Bits, long TimestampMs)>();
            foreach (var (part, bytes) in Messages(series))
            {
                if (part == 1)
                {
                    var pair = Messages(bytes).ToDictionary(entry => entry.Field, entry => Encoding.UTF8.GetString(entry.Bytes));
                    names.Add(pair.GetValueOrDefault(1, ""));
                    labels[names[^1]] = pair.GetValueOrDefault(2, "");
                }
                else if (part == 2)
                {
                    samples.Add(Sample(bytes));
                }
            }

            foreach (var (bits, timestampMs) in samples)
            {
                yield return new WrittenSample(labels, bits, timestampMs) { LabelNames = names };
            }
        }
    }

    public static IEnumerable<WrittenMetadata> ReadMetadata(byte[] message)
    {
        foreach (var (_, bytes) in Messages(message).Where(part => part.Field == 3))
        {
            var texts = Messages(bytes).ToDictionary(entry => entry.Field, entry => Encoding.UTF8.GetString(entry.Bytes));
            var at = 1;
            var type = bytes[0] == 8 ? (int)ProtobufFields.Varint(bytes, ref at) : 0;
            yield return new WrittenMetadata(texts.GetValueOrDefault(2, ""), type, texts.GetValueOrDefault(4, ""));
        }
    }

    public static (ulong Bits, long TimestampMs) Sample(byte[] bytes)
    {
        ulong bits = 0;
        long timestampMs = 0;
        var at = 0;
        while (at < bytes.Length)
        {
            var tag = ProtobufFields.Varint(bytes, ref at);
            if (tag == 9)
            {
                bits = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
                at += 8;
            }
            else
            {
                timestampMs = (long)ProtobufFields.Varint(bytes, ref at);
            }
        }

        return (bits, timestampMs);
    }

    /// <summary>Length-delimited fields of a message; others are passed over.</summary>
    public static List<(int Field, byte[] Bytes)> Messages(byte[] message) =>
        [.. ProtobufFields.Of(message).Where(field => field.Type == WireType.Bytes).Select(field => (field.Number, field.Bytes))];
}

/// <summary>A sample as it stood on the wire.</summary>
internal sealed record WrittenSample(IReadOnlyDictionary<string, string> Labels, ulong Bits, long TimestampMs)
{
    public const ulong StaleBits = 0x7ff0000000000002;

    /// <summary>As they stood on the wire: in their order, repeated ones too.</summary>
    public IReadOnlyList<string> LabelNames { get; init; } = [];

    public string Name => Labels.GetValueOrDefault("__name__", "");

    public bool IsStale => Bits == StaleBits;

    public double Value => BitConverter.UInt64BitsToDouble(Bits);

    /// <summary>Name and labels as text, the same for equal sets.</summary>
    public string Series => "{" + string.Join(", ", Labels.Select(label => $"{label.Key}=\"{label.Value}\"")) + "}";

    public override string ToString() => $"{Series} {(IsStale ? "stale" : Value)} @{TimestampMs}";
}

/// <param name="Type">Its number in both protocols: 1 counter, 2 gauge, 3 histogram, 4 gauge histogram, 5 summary, 6 info, 7 state set; 0 unknown.</param>
internal sealed record WrittenMetadata(string Family, int Type, string Help);
