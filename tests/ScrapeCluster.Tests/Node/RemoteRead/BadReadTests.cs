using System.Net.Http.Headers;
using Google.Protobuf;
using ScrapeCluster.Model;
using ScrapeCluster.Node.RemoteRead;
using ScrapeCluster.Node.RemoteRead.Wire;
using WireMatcher = ScrapeCluster.Node.RemoteRead.Wire.LabelMatcher;

namespace ScrapeCluster.Tests.Node.RemoteRead;

/// <summary>Remote reads that want too much or are none: refused with the reason, before they take memory.</summary>
public sealed class BadReadTests : IAsyncLifetime
{
    private const string Pattern = "(?:a?b?c?d?e?f?g?h?i?j?k?l?m?n?o?p?q?r?s?t?u?v?w?x?y?z?){1000}";

    private EndpointFixture _node = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await EndpointFixture.StartAsync(DateTimeOffset.UnixEpoch.AddDays(20_000), Labels.Empty);
        for (var second = 1; second <= 5; second++)
        {
            _node.Storage.Append("m", second * 1000, second);
        }
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [InlineData(long.MinValue, long.MaxValue, 5)]
    [InlineData(2000, 2000, 1)]
    [InlineData(3000, 2000, 0)]
    [InlineData(long.MaxValue, long.MinValue, 0)]
    [InlineData(long.MinValue, long.MinValue, 0)]
    [InlineData(long.MaxValue, long.MaxValue, 0)]
    [InlineData(-5, -1, 0)]
    public async Task Range_HoweverAbsurd_IsARange(long minMs, long maxMs, int samples)
    {
        var query = ReadExchange.Query("m", minMs, maxMs);
        var hinted = ReadExchange.Query("m", 0, 9000);
        hinted.Hints = new ReadHints { StartMs = minMs, EndMs = maxMs };
        foreach (var asked in (Query[])[query, hinted])
        {
            Assert.Equal(samples, (await _node.SamplesAsync(ReadExchange.Request(asked))).Results[0].Timeseries.Sum(series => series.Samples.Count));
            Assert.Equal(samples > 0 ? 1 : 0, (await _node.FramesAsync(ReadExchange.Streamed(asked))).Count);
        }
    }

    [Fact]
    public async Task Matchers_ThousandsOfThem_AreAnsweredUpToTheLimit()
    {
        var query = ReadExchange.Query("m", 0, 9000);
        query.Matchers.Add(Enumerable.Range(0, ReadRequestSize.MaxMatchers - 1).Select(number => new WireMatcher
        {
            Type = number % 10 == 0 ? WireMatcher.Types.Type.Nre : WireMatcher.Types.Type.Neq,
            Name = "job",
            Value = $"other{number}.*",
        }));
        Assert.Single((await _node.SamplesAsync(ReadExchange.Request(query))).Results[0].Timeseries);

        query.Matchers.Add(new WireMatcher());
        Assert.Equal((400, "the request has more than 10000 matchers: name values in one matcher, such as =~\"a|b\"\n"), await SendAsync(ReadExchange.Body(ReadExchange.Request(query))));
    }

    /// <summary>Millions of matchers, or as many of whatever else, in a body of some hundred kilobytes.</summary>
    [Theory]
    [InlineData(new byte[] { 0x1a, 0x00 }, true, "matchers")]
    [InlineData(new byte[] { 0x22, 0x02, 0x2a, 0x00 }, true, "hints")]
    [InlineData(new byte[] { 0x0a, 0x00 }, false, "queries")]
    [InlineData(new byte[] { 0x10, 0x07 }, false, "response types")]
    public async Task Request_OfMillionsOfParts_IsRefusedBeforeItIsDecoded(byte[] part, bool isOfQuery, string what)
    {
        var message = new byte[4 << 20];
        for (var i = 0; i < message.Length; i++)
        {
            message[i] = part[i % part.Length];
        }

        var request = isOfQuery ? [0x0a, .. LengthOf(message.Length), .. message] : message;
        var (status, text) = await SendAsync(new ByteArrayContent(ReadExchange.Compress(request)));

        Assert.Equal(400, status);
        Assert.Contains(what, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Patterns_TooLargeTogether_AreRefused()
    {
        var query = ReadExchange.Query("m", 0, 9000);
        query.Matchers.Add(Enumerable.Range(0, 5_000).Select(number => new WireMatcher { Type = WireMatcher.Types.Type.Re, Name = $"l{number}", Value = Pattern }));

        Assert.Equal((400, "the regular expressions of the request are too large together\n"), await SendAsync(ReadExchange.Body(ReadExchange.Request(query))));
        var selector = Uri.EscapeDataString($"{{{string.Join(",", Enumerable.Range(0, 30).Select(number => $"l{number}=~\"{Pattern}\""))}}}");
        var (status, body) = await _node.GetAsync($"/api/v1/series?match[]={selector}");
        Assert.Equal(400, status);
        Assert.Contains("the regular expressions of the request are too large together", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pattern_LongAndWrong_IsQuotedInPart()
    {
        var query = ReadExchange.Query("m", 0, 9000);
        query.Matchers.Add(new WireMatcher { Type = WireMatcher.Types.Type.Re, Name = "a", Value = new string('a', 1 << 20) + "(" });

        var (status, text) = await SendAsync(ReadExchange.Body(ReadExchange.Request(query)));

        Assert.Equal(500, status);
        Assert.StartsWith("error parsing regexp: ", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, 1000, 5000);
    }

    /// <summary>Beyond what Kestrel takes by itself, below what Prometheus takes.</summary>
    [Fact]
    public async Task Body_OfThirtyOneMegabytes_IsTaken()
    {
        var value = new byte[31 << 20];
        new Random(1).NextBytes(value);
        var query = ReadExchange.Query("m", 0, 9000);
        query.Matchers.Add(new WireMatcher { Type = WireMatcher.Types.Type.Neq, Name = "a", Value = Convert.ToBase64String(value.AsSpan(0, (value.Length / 4 * 3) - 3)) });

        Assert.Single((await _node.SamplesAsync(ReadExchange.Request(query))).Results[0].Timeseries);
    }

    [Fact]
    public async Task Body_TooLarge_IsRefused()
    {
        const string Text = "the request has more than 33554432 bytes, packed or unpacked\n";
        Assert.Equal((413, Text), await SendAsync(new ByteArrayContent(ReadExchange.Compress(new byte[ReadRequestReader.MaxBytes + 1]))));
        Assert.Equal((413, Text), await SendAsync(new ByteArrayContent(new byte[ReadRequestReader.MaxBytes + 1])));
        Assert.Equal((400, "snappy: corrupt input\n"), await SendAsync(new ByteArrayContent([0xff, 0xff, 0xff, 0xff, 0x7, 0, 0, 0])));
    }

    [Fact]
    public async Task Body_OfAnotherKind_IsToldSo()
    {
        var json = new ByteArrayContent("{\"queries\": []}"u8.ToArray());
        json.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        json.Headers.ContentEncoding.Add("gzip");

        Assert.Equal(
            (400, "snappy: corrupt input (it came as Content-Type \"application/json\", Content-Encoding \"gzip\", and must be application/x-protobuf in snappy)\n"),
            await SendAsync(json));
        Assert.Equal((400, "snappy: corrupt input\n"), await SendAsync(new ByteArrayContent(ReadExchange.Request(ReadExchange.Query("m", 0, 9000)).ToByteArray())));
        Assert.Equal((400, "snappy: corrupt input\n"), await SendAsync(new ByteArrayContent([])));
    }

    [Fact]
    public async Task Samples_OfAllQueriesTogether_AreLimited()
    {
        await using var node = await EndpointFixture.StartAsync(DateTimeOffset.UnixEpoch.AddDays(20_000), Labels.Empty, arrange: context => context with
        {
            Settings = context.Settings with { Reads = context.Settings.Reads with { MaxSamples = 3 } },
        });
        node.Storage.Append("m", 1000, 1);
        node.Storage.Append("m", 2000, 2);
        var query = ReadExchange.Query("m", 0, 9000);

        Assert.Equal(2, (await node.SamplesAsync(ReadExchange.Request(query))).Results[0].Timeseries[0].Samples.Count);
        using var refused = await node.ReadAsync(ReadExchange.Request(query, query));
        Assert.Equal("exceeded sample limit (3)\n", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<(int Status, string Text)> SendAsync(HttpContent body)
    {
        // The server tells a body that is too large before it is sent.
        using var client = new HttpClient { BaseAddress = new Uri(_node.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/read") { Content = body };
        request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static byte[] LengthOf(int length)
    {
        var buffer = new WireBuffer();
        buffer.Varint((ulong)length);
        return buffer.Written.ToArray();
    }
}
