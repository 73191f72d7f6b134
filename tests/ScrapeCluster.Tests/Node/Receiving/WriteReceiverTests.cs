using ScrapeCluster.Model;
using static ScrapeCluster.Tests.Node.Receiving.ReceivingNode;

namespace ScrapeCluster.Tests.Node.Receiving;

/// <summary>What is stored of a request of either protocol, and what its sender is told.</summary>
public sealed class WriteReceiverTests
{
    private static readonly ulong[] OddBits =
    [
        SpecialValues.StaleNaNBits, SpecialValues.NormalNaNBits, 0xfff8_0000_0000_0003, 0x8000_0000_0000_0000, 0, 1, 0x7ff0_0000_0000_0000, 0xfff0_0000_0000_0000,
        BitConverter.DoubleToUInt64Bits(0.1),
    ];

    [Theory]
    [InlineData(TypeV1)]
    [InlineData(TypeV2)]
    public async Task Write_ValuesOfEveryKind_AreStoredBitForBit(string type)
    {
        await using var node = await StartAsync();
        var sent = new SentSeries(["__name__", "m", "job", "test"], [.. OddBits.Select((bits, i) => (bits, NowMs + i))]);
        var reply = await node.WriteAsync(type, type == TypeV1 ? WriteRequests.V1(sent) : WriteRequests.V2(sent));

        Assert.Equal(new WriteReply(204, "", type == TypeV1 ? "" : "9 0 0", ""), reply);
        Assert.Equal([$"{{__name__=\"m\", job=\"test\"}} {string.Join(' ', OddBits.Select((bits, i) => $"{bits:x}@{i}"))}"], node.Stored());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_SeriesThatWereSentBefore_GoWithoutTheirLabels(bool isV2)
    {
        await using var node = await StartAsync();
        for (var second = 0; second < 3; second++)
        {
            var series = Enumerable.Range(0, 50).Select(i => SentSeries.Of($"m{i}", (second, NowMs + (second * 1000)))).ToArray();
            Assert.Equal(204, (await (isV2 ? node.WriteV2Async(series) : node.WriteV1Async(series))).Status);
        }

        Assert.Equal([50, 0, 0], node.NewSeries);
        Assert.Equal(50, node.Stored().Count);
        Assert.All(node.Stored(), line => Assert.EndsWith(" 0@0 3ff0000000000000@1000 4000000000000000@2000", line));
    }

    [Fact]
    public async Task Write_LabelsInAnyOrderAndEmptyOnes_AreOneSeries()
    {
        await using var node = await StartAsync();
        await node.WriteV1Async(new SentSeries(["job", "test", "__name__", "m", "gone", ""], [(1, NowMs)]));
        await node.WriteV2Async(new SentSeries(["__name__", "m", "job", "test"], [(2, NowMs + 1)]));
        Assert.Equal(["{__name__=\"m\", job=\"test\"} 1@0 2@1"], node.Stored());
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "2 0 0")]
    public async Task Write_SomeSamplesAreRefused_TheOthersAreStoredAndTheSenderIsTold(bool isV2, string written)
    {
        await using var node = await StartAsync();
        SentSeries[] before = [SentSeries.Of("late", (1, NowMs)), SentSeries.Of("twice", (1, NowMs)), SentSeries.Of("same", (1, NowMs))];
        Assert.Equal(204, (await node.WriteV1Async(before)).Status);
        SentSeries[] sent =
        [
            SentSeries.Of("good", (1, NowMs)),
            SentSeries.Of("late", (2, NowMs - 5)),
            SentSeries.Of("twice", (2, NowMs)),
            SentSeries.Of("same", (1, NowMs)),
            SentSeries.Of("old", (1, NowMs - 100 * 3_600_000L)),
            SentSeries.Of("future", (1, NowMs + 600_001)),
        ];
        var reply = await (isV2 ? node.WriteV2Async(sent) : node.WriteV1Async(sent));

        Assert.Equal((400, written), (reply.Status, reply.Written));
        Assert.Contains("out of order sample for series {__name__=\"late\", job=\"test\"}", reply.Text, StringComparison.Ordinal);
        Assert.Contains("duplicate sample for timestamp for series {__name__=\"twice\", job=\"test\"}", reply.Text, StringComparison.Ordinal);
        Assert.Contains("ten minutes ahead", reply.Text, StringComparison.Ordinal);
        Assert.EndsWith("stored 2 samples, refused 4\n", reply.Text, StringComparison.Ordinal);
        Assert.Contains("{__name__=\"good\", job=\"test\"} 3ff0000000000000@0", node.Stored());
        foreach (var reason in (string[])["out_of_order", "duplicate", "out_of_bounds", "future"])
        {
            Assert.Equal(1, await node.MetricAsync($"scrapecluster_remote_write_receiver_refused_samples_total{{reason=\"{reason}\"}}"));
        }
    }

    [Fact]
    public async Task Write_InvalidLabels_AreSkippedInSilenceBy1AndToldBy2()
    {
        await using var node = await StartAsync();
        SentSeries[] sent =
        [
            SentSeries.Of("good", (1, NowMs)),
            new(["job", "nameless"], [(1, NowMs), (1, NowMs + 1)]),
            new(["__name__", "twice", "a", "1", "a", "2"], [(1, NowMs)]),
            new(["__name__", "m", "", "x"], [(1, NowMs)]),
        ];
        Assert.Equal(new WriteReply(204, "", "", ""), await node.WriteV1Async(sent));
        Assert.Equal(4, await node.MetricAsync("prometheus_api_remote_write_invalid_labels_samples_total"));

        var reply = await node.WriteV2Async(sent);
        Assert.Equal((400, "1 0 0"), (reply.Status, reply.Written));
        Assert.Contains("invalid metric name or labels, got {job=\"nameless\"}", reply.Text, StringComparison.Ordinal);
        Assert.Contains("a name is there twice", reply.Text, StringComparison.Ordinal);
        Assert.Single(node.Stored());
    }

    [Fact]
    public async Task Write_HistogramsAndExemplars_AreCountedAndNotSaidToBeWritten()
    {
        await using var node = await StartAsync();
        var reply = await node.WriteV2Async(SentSeries.Of("m", (1, NowMs)) with { Exemplars = 2 });
        Assert.Equal(new WriteReply(204, "", "1 0 0", ""), reply);

        reply = await node.WriteV2Async(SentSeries.Of("h") with { Histograms = 1, Exemplars = 1 }, SentSeries.Of("m", (2, NowMs + 1)));
        Assert.Equal((400, "1 0 0"), (reply.Status, reply.Written));
        Assert.Contains("native histograms are not stored", reply.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await node.WriteV1Async(SentSeries.Of("h") with { Histograms = 1 })).Status);
        Assert.Equal(2, await node.MetricAsync("scrapecluster_remote_write_receiver_not_stored_total{kind=\"histogram\"}"));
        Assert.Equal(3, await node.MetricAsync("scrapecluster_remote_write_receiver_not_stored_total{kind=\"exemplar\"}"));

        reply = await node.WriteV2Async(SentSeries.Of("nothing"));
        Assert.Equal((400, "0 0 0"), (reply.Status, reply.Written));
        Assert.Contains("must contain at least one sample or histogram", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_MetadataOf1_IsTakenAndHasNoPlace()
    {
        await using var node = await StartAsync();
        Assert.Equal(204, (await node.WriteAsync(TypeV1, WriteRequests.Field(3, [.. WriteRequests.Number(1, 2), .. WriteRequests.Field(2, "up"u8.ToArray())]))).Status);
        Assert.Equal(204, (await node.WriteAsync(TypeV1, [])).Status);
        Assert.Equal(1, await node.MetricAsync("scrapecluster_remote_write_receiver_not_stored_total{kind=\"metadata\"}"));
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "0 0 0")]
    public async Task Write_TheStorageFails_IsTriedAgainAndNothingIsSaidToBeWritten(bool isV2, string written)
    {
        await using var node = await StartAsync();
        node.Instead = batch => Task.FromResult(AppendResult.Failed(batch.Round, "the disk is full"));
        var series = SentSeries.Of("m", (1, NowMs));
        Assert.Equal(new WriteReply(500, "the disk is full\n", written, ""), await (isV2 ? node.WriteV2Async(series) : node.WriteV1Async(series)));

        node.Instead = _ => Task.FromException<AppendResult>(new AskTimeoutException("late"));
        Assert.Equal((503, "1"), await StatusAsync());
        node.Instead = _ => Task.FromCanceled<AppendResult>(new CancellationToken(canceled: true));
        Assert.Equal((503, "1"), await StatusAsync());
        node.Instead = null;
        Assert.Equal((204, ""), await StatusAsync());

        async Task<(int, string)> StatusAsync()
        {
            var reply = await (isV2 ? node.WriteV2Async(series) : node.WriteV1Async(series));
            return (reply.Status, reply.RetryAfter);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_SeriesThatTheStorageForgot_AreSentAgainWithLabels(bool isV2)
    {
        await using var node = await StartAsync();
        Task<WriteReply> Send(params SentSeries[] series) => isV2 ? node.WriteV2Async(series) : node.WriteV1Async(series);
        Assert.Equal(204, (await Send(SentSeries.Of("a", (1, NowMs)), SentSeries.Of("b", (1, NowMs)))).Status);
        node.Endpoints.Storage.Append("keeper", NowMs + 10 * 3_600_000L, 1);
        node.Endpoints.Storage.Truncate(NowMs + 9 * 3_600_000L);

        // Both at once, in an order of their own; b has a sample that is refused behind one that is not.
        var later = NowMs + 10 * 3_600_000L;
        node.Time.Advance(TimeSpan.FromHours(10));
        var reply = await Send(SentSeries.Of("b", (2, later), (3, later + 1), (4, later)), SentSeries.Of("a", (5, later)));
        Assert.Equal(400, reply.Status);
        Assert.StartsWith("out of order sample for series {__name__=\"b\", job=\"test\"}", reply.Text, StringComparison.Ordinal);
        Assert.Equal([2, 0, 4], node.NewSeries);
        Assert.Equal(204, (await Send(SentSeries.Of("a", (6, later + 2)), SentSeries.Of("b", (6, later + 2)))).Status);
        Assert.Equal([2, 0, 4, 0], node.NewSeries);
        Assert.Equal(3, node.Stored().Count);
    }

    [Fact]
    public async Task Write_ManySendersAtOnce_LoseNothing()
    {
        await using var node = await StartAsync();
        const int Senders = 16;
        const int Requests = 10;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async sender =>
        {
            for (var request = 0; request < Requests; request++)
            {
                var series = Enumerable.Range(0, 20).Select(i => SentSeries.Of($"s{sender}_{i}", (request, NowMs + request))).ToArray();
                Assert.Equal(204, (await (sender % 2 == 0 ? node.WriteV1Async(series) : node.WriteV2Async(series))).Status);
            }
        }));
        Assert.Equal(Senders * 20, node.Stored().Count);
        Assert.All(node.Stored(), line => Assert.Equal(Requests + 2, line.Split(' ').Length));
        Assert.Equal(0, await node.MetricAsync("scrapecluster_remote_write_receiver_pending_bytes"));
    }

    [Fact]
    public async Task Write_RandomRequests_AreStoredAsTheyAre()
    {
        var random = new Random(7);
        await using var node = await StartAsync();
        var expected = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        for (var round = 0; round < 40; round++)
        {
            var sent = new List<SentSeries>();
            for (var i = random.Next(1, 60); i > 0; i--)
            {
                string[] labels = ["__name__", $"m{random.Next(20)}", "é\n\"", new string('x', random.Next(1, 300)), "z", $"{random.Next(3)}"];
                var key = string.Join('\0', labels);
                if (sent.Exists(one => string.Join('\0', one.Labels) == key))
                {
                    continue;
                }

                var samples = Enumerable.Range(0, random.Next(1, 4)).Select(n => ((ulong)random.NextInt64(), NowMs + (round * 10) + n)).ToArray();
                sent.Add(new SentSeries(labels, samples));
                if (!expected.TryGetValue(Text(labels), out var lines))
                {
                    expected.Add(Text(labels), lines = []);
                }

                lines.AddRange(samples.Select(sample => $"{sample.Item1:x}@{sample.Item2 - NowMs}"));
            }

            Assert.Equal(204, (await (round % 3 == 0 ? node.WriteV2Async([.. sent]) : node.WriteV1Async([.. sent]))).Status);
        }

        Assert.Equal(expected.Select(one => $"{one.Key} {string.Join(' ', one.Value)}").Order(StringComparer.Ordinal), node.Stored());

        static string Text(string[] labels) => Labels.Of((labels[0], labels[1]), (labels[2], labels[3]), (labels[4], labels[5])).ToString();
    }
}
