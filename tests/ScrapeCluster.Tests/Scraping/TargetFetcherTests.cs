using System.Diagnostics;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>The exchange with a target over real sockets: headers, limits, and everything a target can do wrong.</summary>
public sealed class TargetFetcherTests : IDisposable
{
    private const string DefaultAccept =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

    private readonly BodyBufferPool _buffers = new();
    private readonly List<ITargetFetchers> _fetchers = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("fetch").FullName;

    public void Dispose()
    {
        _fetchers.ForEach(fetchers => fetchers.Dispose());
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Fetch_Twice_SendsPrometheusHeadersOverOneConnection()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok("a 1\n"));
        var fetcher = Fetcher(exporter.Url, timeout: 62.5);

        Assert.Equal("a 1\n", Text(await fetcher.FetchAsync(0, default)));
        Assert.Equal("a 1\n", Text(await fetcher.FetchAsync(4, default)));

        Assert.Equal(1, exporter.Connections);
        Assert.Equal(exporter.Requests[0], exporter.Requests[1]);
        Assert.Equal(
            [
                "GET /metrics HTTP/1.1", "Accept-Encoding: gzip", $"Accept: {DefaultAccept}", $"Host: {new Uri(exporter.Url).Authority}",
                "User-Agent: ScrapeCluster/test", "X-Prometheus-Scrape-Timeout-Seconds: 62.5",
            ],
            exporter.Requests[0].Split("\r\n", StringSplitOptions.RemoveEmptyEntries) is [var first, .. var rest] ? [first, .. rest.Order(StringComparer.Ordinal)] : []);
    }

    [Theory]
    [InlineData(new[] { ScrapeProtocol.PrometheusText004 }, NameEscapingScheme.AllowUtf8, "text/plain;version=0.0.4;q=0.6,*/*;q=0.5")]
    [InlineData(
        new[] { ScrapeProtocol.OpenMetricsText100, ScrapeProtocol.PrometheusText100 }, NameEscapingScheme.Underscores,
        "application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,text/plain;version=1.0.0;escaping=underscores;q=0.5,*/*;q=0.4")]
    [InlineData(
        new[] { ScrapeProtocol.PrometheusProto, ScrapeProtocol.PrometheusText100 }, NameEscapingScheme.Dots,
        "text/plain;version=1.0.0;escaping=dots;q=0.6,*/*;q=0.5")]
    public void AcceptHeader_OfProtocols_HasFallingWeights(ScrapeProtocol[] protocols, NameEscapingScheme escaping, string expected)
    {
        Assert.Equal(expected, AcceptHeader.For(protocols, escaping));
    }

    [Theory]
    [InlineData("http://us:hidden%40host:9100/metrics", "parse \"http://us:hidden%40host:9100/metrics\": not a URL")]
    [InlineData("http://[::1/metrics", "parse \"http://[::1/metrics\": not a URL")]
    public async Task Fetch_TextThatIsNoUrl_IsAFault(string url, string fault)
    {
        Assert.Equal(fault, (await Fetcher(url).FetchAsync(0, default)).Fault);
    }

    [Fact]
    public async Task Fetch_UnknownScheme_IsAFault()
    {
        Assert.StartsWith("Get \"ftp://host/metrics\": ", (await Fetcher("ftp://host/metrics").FetchAsync(0, default)).Fault);
    }

    [Fact]
    public async Task Fetch_Gzip_IsUnpacked()
    {
        var page = string.Concat(Enumerable.Range(0, 5000).Select(i => $"metric{{i=\"{i}\"}} {i}\n"));
        await using var exporter = new SocketExporter(Packed(Encoding.UTF8.GetBytes(page)));

        Assert.Equal(page, Text(await Fetcher(exporter.Url).FetchAsync(0, default)));
    }

    [Fact]
    public async Task Fetch_GzipBomb_StopsAtTheLimit()
    {
        await using var exporter = new SocketExporter(Packed(new byte[200 << 20]));

        var result = await Fetcher(exporter.Url, new ScrapeConfig { BodySizeLimit = 1 << 20 }).FetchAsync(0, default);

        Assert.Equal(("body size limit exceeded", true), (result.Fault, result.BodyLimitExceeded));
        Assert.InRange(_buffers.RetainedBytes, 0, 4 << 20);
    }

    [Theory]
    [InlineData(false, 15, 22, true)]
    [InlineData(true, 15, 22, true)]
    [InlineData(false, 22, 22, true)]
    [InlineData(false, 23, 22, false)]
    [InlineData(true, 23, 22, false)]
    [InlineData(false, 0, 22, false)]
    public async Task Fetch_BodySizeLimit_IsOnUnpackedBytes(bool gzip, long limit, int size, bool fails)
    {
        var page = new string('a', size);
        await using var exporter = gzip ? new SocketExporter(Packed(Encoding.UTF8.GetBytes(page))) : new SocketExporter(SocketExporter.Ok(page));

        var result = await Fetcher(exporter.Url, new ScrapeConfig { BodySizeLimit = limit }).FetchAsync(0, default);

        Assert.Equal(fails ? "body size limit exceeded" : null, result.Fault);
    }

    [Fact]
    public async Task Fetch_EndlessBody_StopsAtTheHardLimit()
    {
        await using var exporter = new SocketExporter(async (stream, token) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"u8.ToArray(), token);
            var chunk = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a 1\n", 10_000)));
            while (true)
            {
                await stream.WriteAsync(chunk, token);
            }
        });

        var result = await Fetcher(exporter.Url, new ScrapeConfig { BodySizeLimit = 8 << 20 }, hardLimit: 4 << 20).FetchAsync(0, default);

        Assert.True(result.BodyLimitExceeded);
        Assert.Equal(
            "body size limit exceeded: the job's body_size_limit is 8388608 (0 = none), and the page has 4194304 bytes or more, the value of scrapecluster.scrape.hard-body-limit",
            result.Fault);
    }

    [Fact]
    public async Task Fetch_NobodyListens_SaysConnectionRefused()
    {
        using var closed = new ClosedPort();
        var url = $"http://127.0.0.1:{closed.Port}/metrics";

        var result = await Fetcher(url).FetchAsync(0, default);

        Assert.Equal($"Get \"{url}\": dial tcp {new Uri(url).Authority}: connect: connection refused", result.Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\na 1\n")]
    public async Task Fetch_TargetHangs_SaysDeadlineExceeded(string beginning)
    {
        await using var exporter = new SocketExporter(async (stream, token) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(beginning), token);
            await Task.Delay(Timeout.Infinite, token);
        });
        var fetcher = Fetcher(exporter.Url, timeout: 0.2);

        Assert.Equal($"Get \"{exporter.Url}\": context deadline exceeded", (await fetcher.FetchAsync(0, default)).Fault);
        // The token that was used up must not end the next exchange at once.
        var second = Stopwatch.StartNew();
        Assert.Equal($"Get \"{exporter.Url}\": context deadline exceeded", (await fetcher.FetchAsync(0, default)).Fault);
        Assert.True(second.Elapsed > TimeSpan.FromSeconds(0.1), $"the second exchange ended after {second.Elapsed} of its 0.2 s");
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "server returned HTTP status 404 Not Found")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 3\r\n\r\noh!", "server returned HTTP status 500 Internal Server Error")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "server returned HTTP status 204 No Content")]
    public async Task Fetch_StatusOtherThan200_IsAFault(string answer, string fault)
    {
        await using var exporter = new SocketExporter(answer);

        Assert.Equal(fault, (await Fetcher(exporter.Url).FetchAsync(0, default)).Fault);
    }

    [Fact]
    public async Task Fetch_HalfABody_IsAFault()
    {
        await using var exporter = new SocketExporter(async (stream, token) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\na 1\n"u8.ToArray(), token);
            ((NetworkStream)stream).Socket.Shutdown(SocketShutdown.Both);
        });

        var result = await Fetcher(exporter.Url).FetchAsync(0, default);

        Assert.Equal($"Get \"{exporter.Url}\": unexpected EOF", result.Fault);
        Assert.Null(result.Buffer);
    }

    [Fact]
    public async Task Fetch_BrokenGzip_IsAFault()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok("not gzip at all", "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n"));

        Assert.NotNull((await Fetcher(exporter.Url).FetchAsync(0, default)).Fault);
    }

    [Fact]
    public async Task Fetch_LineOfTenMegabytes_IsRead()
    {
        var page = $"a{{x=\"{new string('y', 10 << 20)}\"}} 1\n";
        await using var exporter = new SocketExporter(SocketExporter.Ok(page));

        var result = await Fetcher(exporter.Url).FetchAsync(0, default);
        Assert.Equal(page.Length, result.Length);

        var script = new ScrapeScript();
        Assert.Single(script.ScrapeBytes(result.Buffer.AsSpan(0, result.Length).ToArray()));
        Assert.Equal(1, script.Report("up"));
    }

    [Fact]
    public async Task Fetch_EmptyBody_IsNoFault()
    {
        await using var exporter = new SocketExporter("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

        Assert.Equal(new FetchResult(null, 0, null, null), await Fetcher(exporter.Url).FetchAsync(0, default));
    }

    [Fact]
    public async Task Fetch_Redirect_IsFollowedWithoutCredentialsToAnotherHost()
    {
        await using var destination = new SocketExporter(SocketExporter.Ok("a 1\n"));
        await using var exporter = new SocketExporter(
            $"HTTP/1.1 302 Found\r\nLocation: {destination.Url.Replace("127.0.0.1", "localhost")}\r\nContent-Length: 0\r\n\r\n");
        var http = new HttpClientConfig
        {
            BasicAuth = new BasicAuthConfig { Username = "u", Password = new Secret("p") },
            HttpHeaders = [new HttpHeaderConfig("X-Key", ["1"], [new Secret("2")], [])],
        };

        Assert.Equal("a 1\n", Text(await Fetcher(exporter.Url, new ScrapeConfig { HttpClient = http }).FetchAsync(0, default)));
        Assert.Contains("Authorization: Basic dTpw\r\n", exporter.Requests[0]);
        Assert.Contains("X-Key: 1, 2\r\n", exporter.Requests[0]);
        Assert.DoesNotContain("Authorization", destination.Requests[0]);
        Assert.DoesNotContain("X-Key", destination.Requests[0]);

        var strict = new ScrapeConfig { HttpClient = HttpClientConfig.Default with { FollowRedirects = false } };
        Assert.Equal("server returned HTTP status 302 Found", (await Fetcher(exporter.Url, strict).FetchAsync(0, default)).Fault);
    }

    [Fact]
    public async Task Fetch_RedirectLoop_IsAFault()
    {
        await using var exporter = new SocketExporter("HTTP/1.1 302 Found\r\nLocation: /metrics\r\nContent-Length: 0\r\n\r\n");

        Assert.Contains("stopped after 10 redirects", (await Fetcher(exporter.Url).FetchAsync(0, default)).Fault);
    }

    [Fact]
    public async Task Fetch_CredentialsFile_IsReadForEveryRequest()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok("a 1\n"));
        var file = Path.Combine(_directory, "token");
        await File.WriteAllTextAsync(file, "one\n", TestContext.Current.CancellationToken);
        var http = new HttpClientConfig { Authorization = new AuthorizationConfig { CredentialsFile = file } };
        var fetcher = Fetcher(exporter.Url, new ScrapeConfig { HttpClient = http });

        await fetcher.FetchAsync(0, default);
        await File.WriteAllTextAsync(file, "two\n", TestContext.Current.CancellationToken);
        await fetcher.FetchAsync(0, default);
        File.Delete(file);

        Assert.Contains($"unable to read authorization credentials_file {file}", (await fetcher.FetchAsync(0, default)).Fault);
        Assert.Contains("Authorization: Bearer one\r\n", exporter.Requests[0]);
        Assert.Contains("Authorization: Bearer two\r\n", exporter.Requests[1]);
        Assert.Equal(2, exporter.Requests.Length);
    }

    [Fact]
    public async Task Fetch_UnixSocket_DialsThePath()
    {
        var path = Path.Combine(_directory, "exporter.sock");
        await using var exporter = new SocketExporter(SocketExporter.Ok("a 1\n"), path);

        Assert.Equal("a 1\n", Text(await Fetcher("http://localhost/metrics", unixSocket: path).FetchAsync(0, default)));
    }

    [Fact]
    public void Create_MissingCaFile_NamesSettingAndFile()
    {
        var config = new ScrapeConfig { HttpClient = new HttpClientConfig { Tls = new TlsConfig { CaFile = "/no/such/ca.pem" } } };

        Assert.False(new TargetFetcherFactory("test", 1 << 30, _buffers).TryCreate(config, out _, out var fault));
        Assert.StartsWith("tls_config: unable to use ca_file /no/such/ca.pem", fault);
    }

    private ITargetFetcher Fetcher(string url, ScrapeConfig? config = null, double timeout = 60, long hardLimit = 1 << 30, string? unixSocket = null)
    {
        Assert.True(new TargetFetcherFactory("ScrapeCluster/test", hardLimit, _buffers).TryCreate(config ?? new ScrapeConfig(), out var fetchers, out var fault), fault);
        _fetchers.Add(fetchers);
        return fetchers.For(new ScrapeTarget
        {
            Labels = Labels.Empty,
            AllLabels = Labels.Empty,
            DiscoveredLabels = Labels.Empty,
            Url = url,
            UnixSocket = unixSocket,
            Interval = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromSeconds(timeout),
            Hash = 1,
        });
    }

    private static string Text(FetchResult result)
    {
        Assert.Null(result.Fault);
        return Encoding.UTF8.GetString(result.Buffer.AsSpan(0, result.Length));
    }

    private static Func<Stream, CancellationToken, Task> Packed(byte[] page)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(page);
        }

        return async (stream, token) =>
        {
            var headers = $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n";
            await stream.WriteAsync(Encoding.Latin1.GetBytes(headers), token);
            await stream.WriteAsync(packed.ToArray(), token);
        };
    }
}
