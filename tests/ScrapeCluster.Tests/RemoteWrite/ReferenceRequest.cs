using System.Buffers.Binary;
using System.Text;

namespace ScrapeCluster.Tests.RemoteWrite;

internal sealed record ReceivedSample(string Series, long TimestampMs, ulong Bits)
{
    public double Value => BitConverter.UInt64BitsToDouble(Bits);
}

/// <summary>Reads a WriteRequest the plainest way, straight from prompb/remote.proto and types.proto; anything unexpected throws.</summary>
internal static class ReferenceRequest
{
    public static List<ReceivedSample> Decode(byte[] body, List<string> metadata)
    {
        var samples = new List<ReceivedSample>();
        foreach (var (field, series) in Messages(IronSnappy.Snappy.Decode(body)))
        {
            if (field == 3)
            {
                metadata.Add(Metadata(series));
                continue;
            }

            Assert.Equal(1, field);
            var labels = new List<KeyValuePair<string, string>>();
            var sample = Array.Empty<byte>();
            foreach (var (inner, bytes) in Messages(series))
            {
                if (inner == 1)
                {
                    var texts = Messages(bytes).ToDictionary(text => text.Field, text => Encoding.UTF8.GetString(text.Bytes));
                    labels.Add(new(texts[1], texts[2]));
                }
                else
                {
                    Assert.Equal(2, inner);
                    Assert.Empty(sample);
                    sample = bytes;
                }
            }

            Assert.Equal(labels.OrderBy(label => label.Key, StringComparer.Ordinal), labels);
            Assert.Equal(labels.Count, labels.DistinctBy(label => label.Key).Count());
            var (timestamp, bits) = Sample(sample);
            samples.Add(new ReceivedSample(string.Join(",", labels.Select(label => $"{label.Key}={label.Value}")), timestamp, bits));
        }

        return samples;
    }

    /// <summary>Type, family, help and unit.</summary>
    private static string Metadata(byte[] metadata)
    {
        Assert.Equal(1 << 3, metadata[0]);
        var texts = Messages(metadata[2..]).ToDictionary(text => text.Field, text => Encoding.UTF8.GetString(text.Bytes));
        return $"{metadata[1]} {texts[2]} {texts[4]} {texts[5]}";
    }

    internal static (long TimestampMs, ulong Bits) Sample(byte[] sample)
    {
        Assert.Equal((1 << 3) | 1, sample[0]);
        Assert.Equal(2 << 3, sample[9]);
        var at = 10;
        var timestamp = (long)Varint(sample, ref at);
        Assert.Equal(sample.Length, at);
        return (timestamp, BinaryPrimitives.ReadUInt64LittleEndian(sample.AsSpan(1)));
    }

    internal static List<(int Field, byte[] Bytes)> Messages(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            Assert.Equal(2ul, tag & 7);
            var length = (int)Varint(message, ref at);
            fields.Add(((int)(tag >> 3), message[at..(at + length)]));
            at += length;
        }

        return fields;
    }

    internal static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
