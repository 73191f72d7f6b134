using System.Globalization;
using System.Text;
using IronSnappy;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>
/// Remote read as a client does it (https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/), messages by hand. Answers are lines
/// <c>{labels} bits @time</c>, the same for both kinds of answer and for whoever answers.
/// </summary>
internal static class RemoteReader
{
    public static async Task<IReadOnlyList<string>> SamplesAsync(HttpPeer server, string name, long minMs, long maxMs)
    {
        var message = Snappy.Decode(await AskAsync(server, Request(name, minMs, maxMs, isStreamed: false)));
        return
        [
            .. WriteRequestReader.Messages(message)
                .SelectMany(result => WriteRequestReader.Read(result.Bytes))
                .Select(sample => $"{Text(sample.Labels)} {sample.Bits:x} @{sample.TimestampMs}"),
        ];
    }

    public static async Task<IReadOnlyList<string>> ChunksAsync(HttpPeer server, string name, long minMs, long maxMs)
    {
        var body = await AskAsync(server, Request(name, minMs, maxMs, isStreamed: true));
        var lines = new List<string>();
        for (var at = 0; at < body.Length;)
        {
            const int ChecksumBytes = 4;
            var length = (int)ProtobufFields.Varint(body, ref at);
            at += ChecksumBytes;
            foreach (var (_, series) in WriteRequestReader.Messages(body[at..(at + length)]))
            {
                lines.AddRange(LinesOf(series));
            }

            at += length;
        }

        return lines;
    }

    /// <summary>The same lines as <c>promtool tsdb dump</c> would write them, but for the text of numbers: see <see cref="Tools.Plain"/>.</summary>
    public static IEnumerable<string> AsDump(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var end = line.LastIndexOf('}') + 1;
            var parts = line[(end + 1)..].Split(" @");
            var value = BitConverter.UInt64BitsToDouble(ulong.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            yield return $"{line[..end]} {value.ToString("R", CultureInfo.InvariantCulture)} {parts[1]}";
        }
    }

    private static async Task<byte[]> AskAsync(HttpPeer server, byte[] request)
    {
        using var body = new ByteArrayContent(Snappy.Encode(request));
        using var response = await server.PostAsync("/api/v1/read", body);
        var answer = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {Encoding.UTF8.GetString(answer)}");
        return answer;
    }

    /// <summary>ReadRequest { 1: Query { 1 start, 2 end, 3: LabelMatcher { 1 type (2 is =~), 2 name, 3 value } }, 2: accepted types }.</summary>
    private static byte[] Request(string name, long minMs, long maxMs, bool isStreamed)
    {
        byte[] matcher = [8, 2, .. Field(2, Encoding.UTF8.GetBytes("__name__")), .. Field(3, Encoding.UTF8.GetBytes(name))];
        byte[] query = [8, .. Varint((ulong)minMs), 16, .. Varint((ulong)maxMs), .. Field(3, matcher)];
        return [.. Field(1, query), .. isStreamed ? (byte[])[16, 1] : []];
    }

    private static IEnumerable<string> LinesOf(byte[] series)
    {
        var parts = WriteRequestReader.Messages(series);
        var labels = parts.Where(part => part.Field == 1).Select(label =>
        {
            var pair = WriteRequestReader.Messages(label.Bytes);
            return KeyValuePair.Create(Encoding.UTF8.GetString(pair[0].Bytes), Encoding.UTF8.GetString(pair[1].Bytes));
        });
        var text = Text(labels);
        List<long> timestamps = [];
        List<double> values = [];
        foreach (var (_, chunk) in parts.Where(part => part.Field == 2))
        {
            // Times and encoding are no messages; the data is the only one. Both sides write XOR.
            var data = WriteRequestReader.Messages(chunk).Single().Bytes;
            Assert.True(FloatChunks.TryRead(new BlockChunk(0, 0, 1, data), timestamps, values));
        }

        return timestamps.Zip(values, (time, value) => $"{text} {BitConverter.DoubleToUInt64Bits(value):x} @{time}");
    }

    /// <summary>As <c>promtool tsdb dump</c> writes them.</summary>
    private static string Text(IEnumerable<KeyValuePair<string, string>> labels) =>
        "{" + string.Join(", ", labels.Select(label => $"{label.Key}=\"{label.Value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"")) + "}";

    private static byte[] Field(int field, byte[] bytes) => [(byte)((field << 3) | 2), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
