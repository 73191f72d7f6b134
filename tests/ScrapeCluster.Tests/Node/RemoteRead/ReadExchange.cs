using System.Buffers.Binary;
using Google.Protobuf;
using ScrapeCluster.Model;
using ScrapeCluster.Node.RemoteRead.Wire;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Compression;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Node.RemoteRead;

/// <summary>The other side of a remote read, by the generated messages.</summary>
internal static class ReadExchange
{
    public static Query Query(string selector, long minMs, long maxMs)
    {
        Assert.True(SelectorParser.TryParse(selector, out var matchers, out var fault), fault);
        var query = new Query { StartTimestampMs = minMs, EndTimestampMs = maxMs };
        query.Matchers.AddRange(matchers.Select(matcher => new ScrapeCluster.Node.RemoteRead.Wire.LabelMatcher
        {
            Type = (ScrapeCluster.Node.RemoteRead.Wire.LabelMatcher.Types.Type)matcher.Op,
            Name = matcher.Name,
            Value = matcher.Value,
        }));
        return query;
    }

    public static ReadRequest Request(params ReadOnlySpan<Query> queries)
    {
        var request = new ReadRequest();
        foreach (var query in queries)
        {
            request.Queries.Add(query);
        }

        return request;
    }

    public static ReadRequest Streamed(params ReadOnlySpan<Query> queries)
    {
        var request = Request(queries);
        request.AcceptedResponseTypes.Add(ReadRequest.Types.ResponseType.StreamedXorChunks);
        return request;
    }

    public static HttpContent Body(ReadRequest request) => new ByteArrayContent(Compress(request.ToByteArray()));

    public static Task<HttpResponseMessage> ReadAsync(this EndpointFixture node, ReadRequest request, string parameters = "")
    {
        return node.SendAsync(HttpMethod.Post, $"/api/v1/read{parameters}", body: Body(request));
    }

    public static async Task<ReadResponse> SamplesAsync(this EndpointFixture node, ReadRequest request)
    {
        using var response = await node.ReadAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(body));
        Assert.Equal("application/x-protobuf", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(["snappy"], response.Content.Headers.ContentEncoding);
        return ReadResponse.Parser.ParseFrom(Decompress(body));
    }

    public static async Task<IReadOnlyList<ChunkedReadResponse>> FramesAsync(this EndpointFixture node, ReadRequest request)
    {
        using var response = await node.ReadAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(body));
        Assert.Equal("application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse", response.Content.Headers.ContentType!.ToString());
        return Frames(body);
    }

    public static IReadOnlyList<ChunkedReadResponse> Frames(ReadOnlySpan<byte> body)
    {
        var frames = new List<ChunkedReadResponse>();
        while (!body.IsEmpty)
        {
            var input = new CodedInputStream(body[..Math.Min(body.Length, 10)].ToArray());
            var length = (int)input.ReadUInt64();
            body = body[(int)input.Position..];
            Assert.Equal(WalChecksum.Compute(body.Slice(4, length)), BinaryPrimitives.ReadUInt32BigEndian(body));
            frames.Add(ChunkedReadResponse.Parser.ParseFrom(body.Slice(4, length)));
            body = body[(4 + length)..];
        }

        return frames;
    }

    /// <summary>Series as <c>{labels} time=value ...</c>, values by their bits where they are no numbers.</summary>
    public static IReadOnlyList<string> Texts(QueryResult result) =>
        [.. result.Timeseries.Select(series => Text(series.Labels, series.Samples.Select(sample => (sample.Timestamp, sample.Value))))];

    /// <summary>The same of frames; those of one series together.</summary>
    public static IReadOnlyList<string> Texts(IEnumerable<ChunkedReadResponse> frames) =>
    [
        .. frames.SelectMany(frame => frame.ChunkedSeries).GroupBy(series => Text(series.Labels, [])).Select(series =>
        {
            List<long> timestamps = [];
            List<double> values = [];
            foreach (var chunk in series.SelectMany(part => part.Chunks))
            {
                Assert.True(FloatChunks.TryRead(new BlockChunk(chunk.MinTimeMs, chunk.MaxTimeMs, (byte)chunk.Type, chunk.Data.Memory), timestamps, values));
                Assert.Equal(chunk.MaxTimeMs, timestamps[^1]);
            }

            return Text(series.First().Labels, timestamps.Zip(values));
        }),
    ];

    public static byte[] Compress(byte[] message)
    {
        var block = new byte[SnappyEncoder.MaxLength(message.Length)];
        return block[..new SnappyEncoder().Encode(message, block)];
    }

    public static byte[] Decompress(byte[] block)
    {
        Assert.True(SnappyDecoder.TryReadLength(block, out var length, out _));
        var message = new byte[length];
        Assert.True(SnappyDecoder.TryDecode(block, message));
        return message;
    }

    private static string Text(IEnumerable<Label> labels, IEnumerable<(long TimestampMs, double Value)> samples)
    {
        var names = $"{{{string.Join(",", labels.Select(label => $"{label.Name}={label.Value}"))}}}";
        return string.Join(' ', [names, .. samples.Select(sample => $"{sample.TimestampMs}={ValueText(sample.Value)}")]);
    }

    private static string ValueText(double value) =>
        double.IsNaN(value) ? BitConverter.DoubleToUInt64Bits(value).ToString("x", null) : value.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
}
