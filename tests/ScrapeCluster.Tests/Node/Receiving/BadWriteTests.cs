using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Receiving;
using ScrapeCluster.Tests.Node.RemoteRead;
using static ScrapeCluster.Tests.Node.Receiving.ReceivingNode;

namespace ScrapeCluster.Tests.Node.Receiving;

/// <summary>Requests that are none, or want too much: refused with the reason, before they take memory.</summary>
public sealed class BadWriteTests
{
    private static readonly SentSeries Good = SentSeries.Of("m", (1, NowMs));

    [Theory]
    [InlineData(null, null, 204)]
    [InlineData("", "", 204)]
    [InlineData("application/x-protobuf", "snappy", 204)]
    [InlineData("Application/X-Protobuf; proto=prometheus.WriteRequest", "SNAPPY", 204)]
    [InlineData("application/x-protobuf;charset=utf-8;proto=\"prometheus.WriteRequest\"", "snappy", 204)]
    [InlineData("application/x-protobuf;proto=io.prometheus.write.v2.Request", "snappy", 204)]
    [InlineData("application/x-protobuf;proto=io.prometheus.write.v3.Request", "snappy", 415)]
    [InlineData("application/json", "snappy", 415)]
    [InlineData("text/plain;proto=prometheus.WriteRequest", "snappy", 415)]
    [InlineData("application/x-protobuf", "gzip", 415)]
    [InlineData("application/x-protobuf", "zstd", 415)]
    public async Task Write_ContentType_IsUnderstoodOr415(string? type, string? encoding, int status)
    {
        await using var node = await StartAsync();
        var isV2 = type?.Contains("v2", StringComparison.Ordinal) == true;
        var reply = await node.SendAsync(type, encoding, ReadExchange.Compress(isV2 ? WriteRequests.V2(Good) : WriteRequests.V1(Good)));
        Assert.Equal(status, reply.Status);
        Assert.Equal(status == 204 ? 1 : 0, node.Stored().Count);
        Assert.Equal(status == 415, reply.Text.Length > 0);
    }

    [Fact]
    public async Task Write_NotEnabled_Is404InPrometheussWords()
    {
        await using var node = await StartAsync(settings => settings with { Enabled = false });
        Assert.Equal(new WriteReply(404, "remote write receiver needs to be enabled with --web.enable-remote-write-receiver\n", "", ""), await node.WriteV1Async(Good));
    }

    [Fact]
    public async Task Write_NoSnappyBlock_Is400()
    {
        await using var node = await StartAsync();
        var block = ReadExchange.Compress(WriteRequests.V1(Good));
        foreach (var body in (byte[][])[[], [0xff], "hello"u8.ToArray(), block[..^1], [.. block, 0], [0xff, 0xff, 0xff, 0xff, 0x0f, 0]])
        {
            var reply = await node.SendAsync(TypeV1, "snappy", body);
            Assert.Equal((400, "snappy: corrupt input\n"), (reply.Status, reply.Text));
        }
    }

    [Fact]
    public async Task Write_TooLarge_Is413PackedOrUnpacked()
    {
        await using var node = await StartAsync(settings => settings with { MaxBodyBytes = 4096 });
        var zeros = WriteRequests.Field(9, new byte[5000]);
        var reply = await node.WriteAsync(TypeV1, zeros);
        Assert.Equal(413, reply.Status);
        Assert.Contains("4096 are allowed", reply.Text, StringComparison.Ordinal);
        Assert.Contains("scrapecluster.remote-write-receiver.max-body-size", reply.Text, StringComparison.Ordinal);
        Assert.Equal(413, (await node.SendAsync(TypeV1, "snappy", new byte[4097])).Status);

        // Without a length, in pieces.
        using var body = new StreamContent(new Pieces(5000));
        using var response = await node.Endpoints.SendAsync(HttpMethod.Post, "/api/v1/write", body: body);
        Assert.Equal(413, (int)response.StatusCode);
        Assert.Equal(204, (await node.WriteV1Async(Good)).Status);
        Assert.Equal(0, await node.MetricAsync("scrapecluster_remote_write_receiver_pending_bytes"));
    }

    [Fact]
    public async Task Write_InPiecesWithoutALength_IsStored()
    {
        await using var node = await StartAsync();
        var series = Enumerable.Range(0, 3000).Select(i => new SentSeries(["__name__", $"m{i}", "random", Convert.ToHexString(BitConverter.GetBytes(i * 7919L))], [(1, NowMs)]));
        using var body = new StreamContent(new Pieces(ReadExchange.Compress(WriteRequests.V1(series))));
        using var response = await node.Endpoints.SendAsync(HttpMethod.Post, "/api/v1/write", body: body);
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal(3000, node.Stored().Count);
    }

    [Fact]
    public async Task Write_NoRoomForItsBytes_IsToldToComeAgain()
    {
        await using var node = await StartAsync(settings => settings with { MaxPendingBytes = 1024 });
        var reply = await node.SendAsync(TypeV2, "snappy", new byte[1025]);
        Assert.Equal((503, "1", "0 0 0"), (reply.Status, reply.RetryAfter, reply.Written));
        Assert.Contains("scrapecluster.remote-write-receiver.max-pending", reply.Text, StringComparison.Ordinal);
        Assert.Equal(204, (await node.WriteV1Async(Good)).Status);
    }

    [Fact]
    public async Task Write_NoTurnInTime_IsToldToComeAgain()
    {
        await using var node = await StartAsync(settings => settings with { Concurrency = 1 });
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new TaskCompletionSource<AppendResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Instead = _ =>
        {
            begun.SetResult();
            return held.Task;
        };
        var first = node.WriteV1Async(Good);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var second = node.WriteV1Async(Good);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!second.IsCompleted)
        {
            node.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(second, Task.Delay(20, patience.Token));
            Assert.False(patience.IsCancellationRequested, "no answer within 60 s");
        }

        Assert.Equal((503, "1"), ((await second).Status, (await second).RetryAfter));
        Assert.Contains("scrapecluster.remote-write-receiver.concurrency", (await second).Text, StringComparison.Ordinal);
        held.SetResult(AppendResult.Stored(0));
        Assert.Equal(204, (await first).Status);
    }

    [Fact]
    public async Task Write_TheOtherProtocolsMessage_IsNotTakenForAnEmptyOne()
    {
        await using var node = await StartAsync();
        var reply = await node.WriteAsync(TypeV1, WriteRequests.V2(Good));
        Assert.Equal(400, reply.Status);
        Assert.Contains("Content-Type does not say so", reply.Text, StringComparison.Ordinal);
    }

    /// <summary>What is small on the wire and large in memory.</summary>
    [Theory]
    [InlineData("samples")]
    [InlineData("symbols")]
    [InlineData("labels")]
    public void Decode_Bombs_AreRefusedBeforeTheyTakeMemory(string kind)
    {
        var (message, request, what) = kind switch
        {
            "samples" => (WriteMessage.V1, WriteRequests.Field(1, [.. NameLabel, .. Repeat([0x12, 0x00], WriteDecoder.MaxSamples + 1)]), "1048576 samples"),
            "symbols" => (WriteMessage.V2, Repeat([0x22, 0x00], SymbolTable.MaxCount + 1), "1048576 symbols"),
            _ => (WriteMessage.V2, LongSymbols(), "more than 1000000 bytes"),
        };
        var fault = Decoder().Decode(message, request, new SampleBatch(), NowMs);
        Assert.Equal(413, fault?.Status);
        Assert.Contains(what, fault!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ASeriesWithTooLongLabels_IsNoSeries()
    {
        foreach (var labels in (string[][])[["__name__", new string('x', WriteDecoder.MaxLabelBytes)], [.. Enumerable.Range(0, WriteDecoder.MaxLabels + 1).SelectMany(i => (string[])[$"n{i}", "v"])]])
        {
            foreach (var message in (WriteMessage[])[WriteMessage.V1, WriteMessage.V2])
            {
                var decoder = Decoder(labelBytes: 1 << 30);
                var batch = new SampleBatch();
                var series = new SentSeries(labels, [(1, NowMs)]);
                Assert.Null(decoder.Decode(message, message == WriteMessage.V1 ? WriteRequests.V1(series) : Symbols(labels), batch, NowMs));
                Assert.Equal((0, 1), (batch.Count, decoder.Tally.InvalidLabelSamples));
            }
        }
    }

    [Fact]
    public void Decode_DamagedRequests_AreAnAnswerAndNoException()
    {
        var random = new Random(11);
        SentSeries[] series =
        [
            SentSeries.Of("a", (1, NowMs), (2, NowMs + 1)) with { Exemplars = 1, Metadata = (1, "help", "seconds") },
            SentSeries.Of("b", (1, NowMs)) with { Histograms = 1 },
        ];
        foreach (var (message, good) in new[] { (WriteMessage.V1, WriteRequests.V1(series)), (WriteMessage.V2, WriteRequests.V2(series)) })
        {
            var decoder = Decoder();
            for (var round = 0; round < 4000; round++)
            {
                var bad = good.ToArray();
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    bad[random.Next(bad.Length)] = (byte)random.Next(256);
                }

                var cut = bad.AsSpan(0, random.Next(3) == 0 ? random.Next(bad.Length) : bad.Length);
                var batch = new SampleBatch();
                var fault = decoder.Decode(message, cut, batch, NowMs + 10);
                Assert.True(fault is null or { Status: 400 or 413 });
                for (var i = 0; fault is null && i < batch.Count; i++)
                {
                    Assert.True(decoder.LabelsAt(i, cut).Count > 0);
                }
            }
        }
    }

    [Fact]
    public void Decode_Metadata_GoesWithTheSeriesWhereTheStorageKeepsIt()
    {
        var request = WriteRequests.V2(
            SentSeries.Of("a_total", (1, NowMs), (2, NowMs + 1)) with { Metadata = (1, "How many.", "bytes") },
            SentSeries.Of("b_total", (1, NowMs)) with { Metadata = (1, "How many.", "bytes") },
            SentSeries.Of("c", (1, NowMs)) with { Metadata = (0, "", "") });
        var batch = new SampleBatch();
        var decoder = Decoder();
        Assert.Null(decoder.Decode(WriteMessage.V2, request, batch, NowMs + 10));
        Assert.Equal([1, 2], batch.Metadata.Select(one => one.Index));
        Assert.Equal(new MetricMetadata(MetricType.Counter, "How many.", "bytes"), batch.Metadata[0].Metadata);
        Assert.Same(batch.Metadata[0].Metadata, batch.Metadata[1].Metadata);
        Assert.Equal(3, decoder.Tally.DescribedSamples);
    }

    [Fact]
    public void KnownSeries_NotReceivedForLong_IsForgotten()
    {
        var time = new ScrapeCluster.Testing.ManualTimeProvider();
        var known = new KnownSeries(time);
        var (used, unused) = (new SeriesKey(1, 1), new SeriesKey(2, 2));
        known.Learn(used, 10);
        known.Learn(unused, 20);
        for (var i = 0; i < 3; i++)
        {
            time.Advance(KnownSeries.KeptFor);
            known.Forget();
            Assert.True(known.TryFind(used, out var seriesRef));
            Assert.Equal(10ul, seriesRef);
        }

        Assert.False(known.TryFind(unused, out _));
        Assert.Equal(1, known.Count);
    }

    private static byte[] NameLabel => WriteRequests.Field(1, [.. WriteRequests.Field(1, "__name__"u8.ToArray()), .. WriteRequests.Field(2, "m"u8.ToArray())]);

    private static WriteDecoder Decoder(long labelBytes = 1_000_000) => new(new KnownSeries(TimeProvider.System), new SeriesKeys(1), labelBytes, describes: true);

    private static byte[] Repeat(byte[] part, int times) => [.. Enumerable.Repeat(part, times).SelectMany(one => one)];

    /// <summary>A thousand series that share one symbol of ten kilobytes.</summary>
    private static byte[] LongSymbols()
    {
        byte[] symbols = [.. WriteRequests.Field(4, []), .. WriteRequests.Field(4, "__name__"u8.ToArray()), .. WriteRequests.Field(4, "m"u8.ToArray()), .. WriteRequests.Field(4, new byte[10_000].Select(_ => (byte)'x').ToArray())];
        var numbers = Enumerable.Range(0, 1000).SelectMany(i => WriteRequests.Field(4, Encoding.UTF8.GetBytes($"{i}")));
        var series = Enumerable.Range(0, 1000).SelectMany(i => WriteRequests.Field(5,
            [.. WriteRequests.Field(1, [1, 2, .. WriteRequests.Varint((ulong)i + 4), 3]), .. WriteRequests.Field(2, WriteRequests.Sample(1, NowMs))]));
        return [.. symbols, .. numbers, .. series];
    }

    /// <summary>One series of 2.0 whose labels are the symbols in their order.</summary>
    private static byte[] Symbols(string[] labels) =>
    [
        .. labels.SelectMany(label => WriteRequests.Field(4, Encoding.UTF8.GetBytes(label))),
        .. WriteRequests.Field(5,
            [.. WriteRequests.Field(1, [.. Enumerable.Range(0, labels.Length).SelectMany(i => WriteRequests.Varint((ulong)i))]), .. WriteRequests.Field(2, WriteRequests.Sample(1, NowMs))]),
    ];

    /// <summary>Bytes that come one kilobyte at a time, of a length that nobody knows.</summary>
    private sealed class Pieces(byte[] bytes) : MemoryStream(bytes)
    {
        public Pieces(int length) : this(new byte[length])
        {
        }

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1024)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1024)], cancellationToken);
    }
}
