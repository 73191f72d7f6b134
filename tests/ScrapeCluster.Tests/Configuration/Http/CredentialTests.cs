using ScrapeCluster.Configuration;
using ScrapeCluster.Tests.Configuration.Prometheus;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>From the YAML of a job to the headers on the wire.</summary>
public sealed class CredentialTests : IDisposable
{
    private readonly TempDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("basic_auth: {username: us, password: p:w}", "Authorization: Basic dXM6cDp3")]
    [InlineData("basic_auth: {username: us}", "Authorization: Basic dXM6")]
    [InlineData("authorization: {credentials: abc}", "Authorization: Bearer abc")]
    [InlineData("authorization: {type: Token, credentials: abc}", "Authorization: Token abc")]
    [InlineData("bearer_token: abc", "Authorization: Bearer abc")]
    [InlineData("http_headers: {X-A: {values: [one, two]}}", "X-A: one, two")]
    [InlineData("http_headers: {X-A: {values: [one], secrets: [two]}}", "X-A: one, two")]
    public async Task Get_InlineCredentials_AreSent(string yaml, string line)
    {
        Assert.Equal(line, Assert.Single(Extra(await SentAsync(yaml))));
    }

    [Theory]
    [InlineData("basic_auth: {username_file: FILE, password: b}", "Basic YTpi", "Basic Yjpi")]
    [InlineData("basic_auth: {username: a, password_file: FILE}", "Basic YTph", "Basic YTpi")]
    [InlineData("authorization: {credentials_file: FILE}", "Bearer a", "Bearer b")]
    [InlineData("bearer_token_file: FILE", "Bearer a", "Bearer b")]
    public async Task Get_CredentialsInFiles_AreReadForEveryRequest(string yaml, string first, string second)
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        var path = _files.Write("secret", "a\n");
        using var client = new HttpExchange(Http(yaml.Replace("FILE", path)));

        await client.GetAsync(exporter.Url);
        _files.Write("secret", "b\n");
        await client.GetAsync(exporter.Url);

        Assert.Equal([$"Authorization: {first}", $"Authorization: {second}"], exporter.Requests.SelectMany(Extra));
    }

    [Fact]
    public async Task Get_HeadersInFiles_AreReadForEveryRequest()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        var path = _files.Write("header", "a\n");
        using var client = new HttpExchange(Http($"http_headers: {{X-A: {{values: [v], files: [{path}]}}}}"));

        await client.GetAsync(exporter.Url);
        _files.Write("header", "b\n");
        await client.GetAsync(exporter.Url);

        Assert.Equal(["X-A: v, a", "X-A: v, b"], exporter.Requests.SelectMany(Extra));
    }

    [Theory]
    [InlineData("us:p%20w@", "Basic dXM6cCB3")]
    [InlineData("us@", "Basic dXM6")]
    public async Task Get_UserInTheUrl_IsSentAsBasicAuth(string user, string expected)
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        using var client = new HttpExchange(HttpClientConfig.Default);

        await client.GetAsync(exporter.Url.Replace("//", $"//{user}"));

        Assert.Equal([$"Authorization: {expected}"], exporter.Requests.SelectMany(Extra));
    }

    [Fact]
    public async Task Get_FailureOfAUrlWithPassword_DoesNotPrintIt()
    {
        await using var exporter = new SocketExporter("HTTP/1.1 302 Found\r\nLocation: /metrics\r\nContent-Length: 0\r\n\r\n");
        using var client = new HttpExchange(HttpClientConfig.Default);

        var fault = await client.GetAsync(exporter.Url.Replace("//", "//us:hidden@"));

        Assert.Equal($"Get \"{exporter.Url.Replace("//", "//us:xxxxx@")}\": stopped after 10 redirects", fault);
        Assert.Equal(10, exporter.Requests.Length);
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("host")]
    [InlineData("Content-Type")]
    [InlineData("Accept-Encoding")]
    [InlineData("User-Agent")]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Www-Authenticate")]
    [InlineData("x-prometheus-scrape-timeout-seconds")]
    public void Parse_ReservedHeader_IsRefused(string name)
    {
        var file = PrometheusConfigFile.Parse($"scrape_configs: [{{job_name: a, http_headers: {{{name}: {{values: [x]}}}}}}]", "a.yml");

        Assert.False(file.TryGet(out _));
        Assert.Contains(name, file.FaultText(), StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> SentAsync(string yaml)
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        using var client = new HttpExchange(Http(yaml));
        await client.GetAsync(exporter.Url);
        return Assert.Single(exporter.Requests);
    }

    /// <summary>Header lines other than Host.</summary>
    private static IEnumerable<string> Extra(string request)
    {
        return request.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Where(line => !line.StartsWith("Host: ", StringComparison.Ordinal));
    }

    private static HttpClientConfig Http(string yaml)
    {
        var file = PrometheusConfigFile.Parse($"scrape_configs:\n- job_name: a\n  {yaml}\n", "a.yml");
        Assert.True(file.TryGet(out var config), file.FaultText());
        return config.ScrapeConfigs[0].HttpClient;
    }
}
