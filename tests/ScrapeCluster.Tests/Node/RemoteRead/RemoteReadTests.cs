using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Node.RemoteRead.Wire;

namespace ScrapeCluster.Tests.Node.RemoteRead;

/// <summary><c>POST /api/v1/read</c> of one node. The situations are those of Prometheus's read_handler_test.go, told in our words, and the limits.</summary>
public sealed class RemoteReadTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    private static readonly Labels _external = Labels.Of(("baz", "a"), ("region", "eu"), ("d", "external"));

    [Fact]
    public async Task Samples_AreThoseOfTheRange_WithExternalLabels()
    {
        await using var node = await StartAsync();
        var range = (Min: 2000, Max: 3000);

        var answer = await node.SamplesAsync(ReadExchange.Request(
            ReadExchange.Query("m", range.Min, range.Max),
            ReadExchange.Query("nosuch", 0, 10_000),
            ReadExchange.Query("{__name__=~\"m|own\",region=\"eu\",baz!=\"b\"}", 4000, 4000)));

        Assert.Equal(3, answer.Results.Count);
        Assert.Equal(["{__name__=m,a=1,baz=a,d=external,region=eu} 2000=2 3000=-0"], ReadExchange.Texts(answer.Results[0]));
        Assert.Empty(answer.Results[1].Timeseries);
        Assert.Equal(
            ["{__name__=m,a=1,baz=a,d=external,region=eu} 4000=7ff0000000000002", "{__name__=own,baz=a,d=its own,region=eu} 4000=9"],
            ReadExchange.Texts(answer.Results[2]));
    }

    [Fact]
    public async Task Samples_MatcherOfAnExternalLabel_WantsSeriesWithoutIt()
    {
        await using var node = await StartAsync();

        Assert.Empty(ReadExchange.Texts((await node.SamplesAsync(ReadExchange.Request(ReadExchange.Query("own{d=\"external\"}", 0, 9000)))).Results[0]));
        Assert.Single(ReadExchange.Texts((await node.SamplesAsync(ReadExchange.Request(ReadExchange.Query("own{d=\"its own\"}", 0, 9000)))).Results[0]));
        Assert.Empty(ReadExchange.Texts((await node.SamplesAsync(ReadExchange.Request(ReadExchange.Query("m{region=\"us\"}", 0, 9000)))).Results[0]));
    }

    [Fact]
    public async Task Samples_Hints_NarrowTheRange()
    {
        await using var node = await StartAsync();
        var query = ReadExchange.Query("m", 0, 9000);
        query.Hints = new ReadHints { StartMs = 1000, EndMs = 2000, Func = "rate" };
        var labels = ReadExchange.Query("m", 0, 9000);
        labels.Hints = new ReadHints { StartMs = 0, EndMs = 9000, Func = "series" };

        var answer = await node.SamplesAsync(ReadExchange.Request(query, labels));

        Assert.Equal(["{__name__=m,a=1,baz=a,d=external,region=eu} 1000=1 2000=2"], ReadExchange.Texts(answer.Results[0]));
        Assert.Equal(["{__name__=m,a=1,baz=a,d=external,region=eu}"], ReadExchange.Texts(answer.Results[1]));
    }

    [Fact]
    public async Task Chunks_AreThoseOfTheRange_OneSeriesAFrame()
    {
        await using var node = await StartAsync();

        var frames = await node.FramesAsync(ReadExchange.Streamed(ReadExchange.Query("{__name__=~\"m|own\"}", 2000, 4000), ReadExchange.Query("own", 0, 9000)));

        Assert.Equal([0, 0, 1], frames.Select(frame => frame.QueryIndex));
        Assert.All(frames, frame => Assert.Single(frame.ChunkedSeries));
        Assert.Equal(
            ["{__name__=m,a=1,baz=a,d=external,region=eu} 2000=2 3000=-0 4000=7ff0000000000002", "{__name__=own,baz=a,d=its own,region=eu} 4000=9"],
            ReadExchange.Texts(frames.Where(frame => frame.QueryIndex == 0)));
        Assert.All(frames, frame => Assert.All(frame.ChunkedSeries[0].Chunks, chunk => Assert.Equal(Chunk.Types.Encoding.Xor, chunk.Type)));
    }

    /// <summary>The rule of Prometheus: a frame ends behind the chunk that fills it, and the next begins with the labels again.</summary>
    [Fact]
    public async Task Chunks_LongSeries_IsCutIntoFrames()
    {
        await using var node = await StartAsync(reads => reads with { FrameSizeBytes = 1500 });
        var random = new Random(1);
        for (var time = 10_000; time < 10_000_000; time += 5000)
        {
            node.Storage.Append("long", time, random.NextDouble());
        }

        var frames = await node.FramesAsync(ReadExchange.Streamed(ReadExchange.Query("long", 0, long.MaxValue)));

        Assert.True(frames.Count > 2);
        Assert.All(frames.SkipLast(1), frame =>
        {
            var series = Assert.Single(frame.ChunkedSeries);
            var room = 1500 - series.Labels.Sum(label => label.CalculateSize());
            Assert.True(series.Chunks.Sum(chunk => chunk.CalculateSize()) >= room);
            Assert.True(series.Chunks.SkipLast(1).Sum(chunk => chunk.CalculateSize()) < room);
        });
        var samples = (await node.SamplesAsync(ReadExchange.Request(ReadExchange.Query("long", 0, long.MaxValue)))).Results[0];
        Assert.Equal(ReadExchange.Texts(samples), ReadExchange.Texts(frames));
        Assert.Equal(1998, samples.Timeseries[0].Samples.Count);
    }

    /// <summary>Larger than a piece of the snappy block, so that pieces and segments are joined rightly.</summary>
    [Fact]
    public async Task Samples_ManySeries_AreAllThere()
    {
        await using var node = await StartAsync();
        for (var time = 10_000; time < 40_000; time += 1000)
        {
            node.Storage.Append(batch =>
            {
                batch.TimestampMs = time;
                for (var number = 0; number < 500; number++)
                {
                    batch.AddNew(Labels.Of((Labels.MetricName, "many"), ("number", $"{number}")), number + (time / 1e7));
                }
            });
        }

        var series = (await node.SamplesAsync(ReadExchange.Request(ReadExchange.Query("many", 0, long.MaxValue)))).Results[0].Timeseries;

        Assert.Equal(Enumerable.Range(0, 500).Select(number => $"{number}").Order(StringComparer.Ordinal), series.Select(one => one.Labels.Single(label => label.Name == "number").Value));
        Assert.All(series, one => Assert.Equal(
            Enumerable.Range(10, 30).Select(second => (second * 1000L, int.Parse(one.Labels.Single(label => label.Name == "number").Value, null) + (second * 1000 / 1e7))),
            one.Samples.Select(sample => (sample.Timestamp, sample.Value))));
    }

    [Fact]
    public async Task Read_BeyondALimit_IsRefused()
    {
        await using var node = await StartAsync(reads => reads with { MaxSamples = 3, MaxSeries = 1 });

        Assert.Equal((400, "exceeded sample limit (3)\n"), await TextAsync(node, ReadExchange.Request(ReadExchange.Query("m", 0, 9000))));
        Assert.Equal(200, (await TextAsync(node, ReadExchange.Request(ReadExchange.Query("m", 0, 3000)))).Status);
        Assert.Equal(200, (await TextAsync(node, ReadExchange.Streamed(ReadExchange.Query("m", 0, 9000)))).Status);
        var (status, text) = await TextAsync(node, ReadExchange.Streamed(ReadExchange.Query("{__name__=~\"m|own\"}", 0, 9000)));
        Assert.Equal(400, status);
        Assert.Contains("raise scrapecluster.reads.max-series", text, StringComparison.Ordinal);
        Assert.Equal((422, """{"status":"error","errorType":"execution","error":"the query reads more than 1 series: ask for less, or raise scrapecluster.reads.max-series"}"""),
            await node.GetAsync("/api/v1/series?match[]={__name__=~\"m|own\"}"));
    }

    [Fact]
    public async Task Read_BadRequests_AreRefusedAsByPrometheus()
    {
        await using var node = await StartAsync();
        var unknown = ReadExchange.Request(ReadExchange.Query("m", 0, 9000));
        unknown.AcceptedResponseTypes.Add((ReadRequest.Types.ResponseType)7);
        var second = unknown.Clone();
        second.AcceptedResponseTypes.Add(ReadRequest.Types.ResponseType.Samples);
        var badRegex = ReadExchange.Query("m", 0, 9000);
        badRegex.Matchers.Add(new ScrapeCluster.Node.RemoteRead.Wire.LabelMatcher { Type = ScrapeCluster.Node.RemoteRead.Wire.LabelMatcher.Types.Type.Re, Name = "a", Value = "(" });
        var badType = ReadExchange.Query("m", 0, 9000);
        badType.Matchers.Add(new ScrapeCluster.Node.RemoteRead.Wire.LabelMatcher { Type = (ScrapeCluster.Node.RemoteRead.Wire.LabelMatcher.Types.Type)9, Name = "a" });

        Assert.StartsWith("server does not support any of the requested response types: [7]; supported: ", (await TextAsync(node, unknown)).Text, StringComparison.Ordinal);
        Assert.Equal(200, (await TextAsync(node, second)).Status);
        Assert.Equal(500, (await TextAsync(node, ReadExchange.Request(badRegex))).Status);
        Assert.Equal((500, "invalid matcher type\n"), await TextAsync(node, ReadExchange.Request(badType)));
        Assert.Equal((400, "snappy: corrupt input\n"), await TextAsync(node, new ByteArrayContent([1, 2, 3])));
        Assert.Equal(400, (await TextAsync(node, new ByteArrayContent(ReadExchange.Compress([0xff, 0xff])))).Status);
        Assert.Equal(405, (await node.GetAsync("/api/v1/read")).Status);
    }

    private static async Task<EndpointFixture> StartAsync(Func<ReadSettings, ReadSettings>? reads = null)
    {
        var node = await EndpointFixture.StartAsync(_now, _external, arrange: context => context with
        {
            Settings = context.Settings with { Reads = (reads ?? (settings => settings))(context.Settings.Reads) },
        });
        double[] values = [1, 2, -0.0, SpecialValues.StaleNaN, 5];
        for (var i = 0; i < values.Length; i++)
        {
            node.Storage.Append(batch =>
            {
                batch.TimestampMs = (i + 1) * 1000;
                batch.AddNew(Labels.Of((Labels.MetricName, "m"), ("a", "1")), values[i]);
                if (i == 3)
                {
                    batch.AddNew(Labels.Of((Labels.MetricName, "own"), ("d", "its own")), 9);
                }
            });
        }

        return node;
    }

    private static Task<(int Status, string Text)> TextAsync(EndpointFixture node, ReadRequest request) => TextAsync(node, ReadExchange.Body(request));

    private static async Task<(int Status, string Text)> TextAsync(EndpointFixture node, HttpContent body)
    {
        using var response = await node.SendAsync(HttpMethod.Post, "/api/v1/read", body: body);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
