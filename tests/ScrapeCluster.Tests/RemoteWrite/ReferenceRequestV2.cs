using System.Text;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>
/// Reads an io.prometheus.write.v2.Request the plainest way, straight from prompb/io/prometheus/write/v2/types.proto, and holds it to every MUST that the
/// specification has of a message; anything unexpected throws.
/// </summary>
internal static class ReferenceRequestV2
{
    /// <param name="metadata">Type, help and unit of each series, behind its text.</param>
    public static List<ReceivedSample> Decode(byte[] body, List<string> metadata)
    {
        var symbols = new List<string>();
        var samples = new List<ReceivedSample>();
        foreach (var (field, bytes) in ReferenceRequest.Messages(IronSnappy.Snappy.Decode(body)))
        {
            if (field == 4)
            {
                // A receiver that reads as it goes has them when it needs them.
                Assert.Empty(samples);
                symbols.Add(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes));
                continue;
            }

            Assert.Equal(5, field);
            samples.AddRange(Series(bytes, symbols, metadata));
        }

        // "The symbols table MUST contain deduplicated strings"; "the first element MUST be an empty string".
        Assert.Equal("", symbols[0]);
        Assert.Equal(symbols.Count, symbols.Distinct().Count());
        return samples;
    }

    /// <summary>The length of the message before compression.</summary>
    public static int MessageLength(byte[] body) => IronSnappy.Snappy.Decode(body).Length;

    private static List<ReceivedSample> Series(byte[] series, List<string> symbols, List<string> metadata)
    {
        var samples = new List<ReceivedSample>();
        var text = "";
        foreach (var (field, bytes) in ReferenceRequest.Messages(series))
        {
            switch (field)
            {
                case 1:
                    Assert.Equal("", text);
                    text = LabelsOf(bytes, symbols);
                    break;
                case 2:
                    var (timestampMs, bits) = ReferenceRequest.Sample(bytes);
                    samples.Add(new ReceivedSample(text, timestampMs, bits));
                    break;
                default:
                    Assert.Equal(5, field);
                    metadata.Add($"{text}: {Metadata(bytes, symbols)}");
                    break;
            }
        }

        // "At least one element in samples or in histograms MUST be provided"; "MUST send samples for any given TimeSeries in timestamp order".
        Assert.NotEmpty(samples);
        Assert.Equal(samples.OrderBy(sample => sample.TimestampMs), samples);
        return samples;
    }

    private static string LabelsOf(byte[] packed, List<string> symbols)
    {
        // "References MUST point to the existing index in the symbols array"; names and values in pairs.
        var refs = Numbers(packed);
        Assert.NotEmpty(refs);
        Assert.Equal(0, refs.Count % 2);
        Assert.All(refs, symbol => Assert.InRange(symbol, 0, symbols.Count - 1));
        var labels = refs.Chunk(2).Select(pair => (Name: symbols[pair[0]], Value: symbols[pair[1]])).ToList();

        // "MUST NOT contain repeated label names", "MUST have label names sorted", "MUST NOT contain any empty label names or values".
        Assert.Equal(labels.OrderBy(label => label.Name, StringComparer.Ordinal), labels);
        Assert.Equal(labels.Count, labels.DistinctBy(label => label.Name).Count());
        Assert.All(labels, label => Assert.NotEmpty(label.Name));
        Assert.All(labels, label => Assert.NotEmpty(label.Value));
        return string.Join(",", labels.Select(label => $"{label.Name}={label.Value}"));
    }

    private static string Metadata(byte[] message, List<string> symbols)
    {
        var values = new Dictionary<int, int> { [1] = 0, [3] = 0, [4] = 0 };
        for (var at = 0; at < message.Length;)
        {
            var tag = (int)ReferenceRequest.Varint(message, ref at);
            Assert.Equal(0, tag & 7);
            Assert.Contains(tag >> 3, values);
            values[tag >> 3] = (int)ReferenceRequest.Varint(message, ref at);
        }

        return $"{values[1]} {symbols[values[3]]} {symbols[values[4]]}";
    }

    private static List<int> Numbers(byte[] packed)
    {
        var numbers = new List<int>();
        for (var at = 0; at < packed.Length;)
        {
            numbers.Add((int)ReferenceRequest.Varint(packed, ref at));
        }

        return numbers;
    }
}
