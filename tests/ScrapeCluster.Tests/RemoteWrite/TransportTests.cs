using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Configuration.Http;
using ScrapeCluster.Tests.Configuration.Prometheus;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>Every kind of transport that a <c>remote_write</c> block can ask for: from its YAML to a real receiver.</summary>
public sealed class TransportTests : IDisposable
{
    private readonly TempDirectory _files = new();
    private readonly TestAuthority _authority = TestAuthority.Root();

    public void Dispose()
    {
        _files.Dispose();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("basic_auth: {username: us, password: p:w}", "Authorization", "Basic dXM6cDp3")]
    [InlineData("authorization: {credentials: abc}", "Authorization", "Bearer abc")]
    [InlineData("authorization: {type: Token, credentials: abc}", "Authorization", "Token abc")]
    [InlineData("bearer_token: abc", "Authorization", "Bearer abc")]
    [InlineData("headers: {X-Scope-OrgID: tenant}", "X-Scope-OrgID", "tenant")]
    [InlineData("http_headers: {X-A: {secrets: [two]}}", "X-A", "two")]
    public async Task Credentials_AreSent(string yaml, string header, string value)
    {
        await using var receiver = await Receiver.StartAsync();
        using var client = Client(receiver.Url, yaml);
        await StoredAsync(client);
        Assert.Equal(value, Assert.Single(receiver.Requests).Headers[header]);
    }

    [Theory]
    [InlineData("basic_auth: {username: a, password_file: FILE}", "Basic YTph", "Basic YTpi")]
    [InlineData("authorization: {credentials_file: FILE}", "Bearer a", "Bearer b")]
    [InlineData("bearer_token_file: FILE", "Bearer a", "Bearer b")]
    public async Task CredentialsInFiles_AreReadForEveryRequest(string yaml, string first, string second)
    {
        await using var receiver = await Receiver.StartAsync();
        using var client = Client(receiver.Url, yaml.Replace("FILE", _files.Write("secret", "a\n"), StringComparison.Ordinal));
        await StoredAsync(client);
        _files.Write("secret", "b\n");
        await StoredAsync(client);
        Assert.Equal([first, second], receiver.Requests.Select(request => (string?)request.Headers.Authorization));
    }

    /// <summary>A file that is away fails the try, which is repeated.</summary>
    [Fact]
    public async Task CredentialsFile_IsAway_IsRecoverableAndNamed()
    {
        await using var receiver = await Receiver.StartAsync();
        using var client = Client(receiver.Url, $"authorization: {{credentials_file: {_files.PathOf("none")}}}");
        var outcome = await StoreAsync(client);
        Assert.Equal(StoreResult.Recoverable, outcome.Result);
        Assert.Contains($"unable to read authorization credentials_file {_files.PathOf("none")}", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OAuth2_TokenIsFetchedAndSent()
    {
        await using var receiver = await Receiver.StartAsync();
        const string Token = "{\"access_token\":\"t1\",\"token_type\":\"bearer\",\"expires_in\":3600}";
        await using var issuer = new SocketExporter($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Token.Length}\r\n\r\n{Token}");
        using var client = Client(receiver.Url, $"oauth2: {{client_id: id, client_secret: s, token_url: '{issuer.Url}'}}");
        await StoredAsync(client);
        await StoredAsync(client);
        Assert.Equal(["Bearer t1", "Bearer t1"], receiver.Requests.Select(request => (string?)request.Headers.Authorization));
        Assert.Single(issuer.Requests);
    }

    /// <summary>The receiver wants a certificate of the client; all three files are changed between two requests.</summary>
    [Fact]
    public async Task Tls_FilesChange_TheNewOnesAreUsed()
    {
        var clients = new List<string>();
        using var certificate = _authority.Issue("receiver", "127.0.0.1");
        using var other = TestAuthority.Root("other");
        using var otherCertificate = other.Issue("receiver", "127.0.0.1");
        var present = certificate;
        await using var receiver = await Receiver.StartAsync(Https(() => present, clients));
        var (ca, cert, key) = (_files.Write("ca.pem", _authority.Pem), _files.PathOf("cert.pem"), _files.PathOf("key.pem"));
        WritePair(cert, key, "one", minutes: 0);
        using var client = Client(receiver.Url, $"tls_config: {{ca_file: {ca}, cert_file: {cert}, key_file: {key}}}");
        await StoredAsync(client);

        present = otherCertificate;
        Rewrite(ca, other.Pem, 1);
        WritePair(cert, key, "two", minutes: 1);
        await StoredAsync(client);
        Assert.Equal(["CN=one", "CN=two"], clients);

        present = certificate;
        Rewrite(ca, other.Pem, 2);
        var outcome = await StoreAsync(client);
        Assert.Equal(StoreResult.Recoverable, outcome.Result);
        Assert.Contains("certificate signed by unknown authority", outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("enable_http2: true", "HTTP/2")]
    [InlineData("enable_http2: false", "HTTP/1.1")]
    [InlineData("", "HTTP/1.1")]
    public async Task EnableHttp2_IsAgreedOnInTheHandshake(string yaml, string expected)
    {
        using var certificate = _authority.Issue("receiver", "127.0.0.1");
        var protocol = "";
        await using var receiver = await Receiver.StartAsync(Https(() => certificate, []));
        receiver.Answer = (_, context) =>
        {
            protocol = context.Request.Protocol;
            return Task.FromResult(204);
        };
        using var client = Client(receiver.Url, $"tls_config: {{ca_file: {_files.Write("ca.pem", _authority.Pem)}}}", yaml);
        await StoredAsync(client);
        Assert.Equal(expected, protocol);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("no_proxy: receiver.test", false)]
    [InlineData("no_proxy: other.test", true)]
    public async Task ProxyUrl_PlainReceiver_IsAskedForTheWholeUrl(string noProxy, bool isProxied)
    {
        await using var proxy = new SocketExporter("HTTP/1.1 204 No Content\r\n\r\n");
        using var client = Client("http://receiver.test:9/api/v1/write", $"proxy_url: http://u:p@127.0.0.1:{proxy.Port}", noProxy);
        var outcome = await StoreAsync(client);
        Assert.Equal(isProxied ? StoreResult.Stored : StoreResult.Recoverable, outcome.Result);
        Assert.Equal(isProxied ? 1 : 0, proxy.Requests.Length);
        Assert.All(proxy.Requests, request => Assert.StartsWith("POST http://receiver.test:9/api/v1/write HTTP/1.1\r\n", request, StringComparison.Ordinal));
        Assert.All(proxy.Requests, request => Assert.Contains("Proxy-Authorization: Basic dTpw\r\n", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ProxyUrl_TlsReceiver_IsReachedThroughATunnel()
    {
        using var certificate = _authority.Issue("receiver", "receiver.test");
        await using var receiver = await Receiver.StartAsync(Https(() => certificate, []));
        await using var proxy = new TunnelServer(new Uri(receiver.Url).Port);
        using var client = Client(
            "https://receiver.test:8443/api/v1/write",
            $"tls_config: {{ca_file: {_files.Write("ca.pem", _authority.Pem)}}}",
            $"proxy_url: http://127.0.0.1:{proxy.Port}",
            "proxy_connect_header: {X-Site: [one]}");
        await StoredAsync(client);
        Assert.Equal("CONNECT receiver.test:8443 HTTP/1.1\r\nHost: receiver.test:8443\r\nX-Site: one\r\n\r\n", Assert.Single(proxy.Requests));
        Assert.Single(receiver.Samples);
    }

    /// <summary>307 and 308 keep method and body; the others make a GET of it, which writes nothing whatever it answers.</summary>
    [Theory]
    [InlineData(307, "", "Stored", 1)]
    [InlineData(308, "", "Stored", 1)]
    [InlineData(307, "follow_redirects: false", "Refused", 0)]
    [InlineData(302, "", "Refused", 0)]
    public async Task Redirects_AreFollowedWithTheBody(int status, string yaml, string expected, int samples)
    {
        await using var receiver = await Receiver.StartAsync();
        await using var page = new SocketExporter(SocketExporter.Ok("welcome"));
        await using var first = new SocketExporter($"HTTP/1.1 {status} Elsewhere\r\nLocation: {(status == 302 ? page.Url : receiver.Url)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using var client = Client(first.Url, yaml);
        Assert.Equal(expected, $"{(await StoreAsync(client)).Result}");
        Assert.Equal(samples, receiver.Samples.Count);
    }

    /// <summary>Whatever fails, what is said of it does not hold what is secret.</summary>
    [Theory]
    [InlineData("http://us:sesame@127.0.0.1:1/api/v1/write", "")]
    [InlineData("http://127.0.0.1:1/api/v1/write", "basic_auth: {username: us, password: sesame}")]
    [InlineData("http://127.0.0.1:1/api/v1/write", "authorization: {credentials: sesame}")]
    [InlineData("http://127.0.0.1:1/api/v1/write", "headers: {X-Key: sesame}")]
    [InlineData("http://127.0.0.1:1/api/v1/write", "oauth2: {client_id: a, client_secret: sesame, token_url: 'http://us:sesame@127.0.0.1:1/'}")]
    [InlineData("http://receiver.test:1/api/v1/write", "proxy_url: http://us:sesame@127.0.0.1:1")]
    public async Task Failures_TellNoSecrets(string url, string yaml)
    {
        using var client = Client(url, yaml);
        var outcome = await StoreAsync(client);
        Assert.Equal(StoreResult.Recoverable, outcome.Result);
        Assert.Contains("connection refused", outcome.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", outcome.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", Config(url, yaml).PrintableUrl, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sigv4: {region: eu}", "sigv4")]
    [InlineData("azuread: {managed_identity: {client_id: a}}", "azuread")]
    [InlineData("google_iam: {credentials_file: a}", "google_iam")]
    public void CloudCredentials_AreRefusedByName(string yaml, string name)
    {
        var spec = new RemoteWriteSpec("q", Config("http://receiver.test/", yaml), Labels.Empty, new WalPublication());
        var options = new RemoteWriteOptions(_files.PathOf("wal"), new WalPublication(), _files.PathOf("positions"), TimeSpan.Zero, "ScrapeCluster/test");
        Assert.False(PreparedQueue.TryCreate(spec, options, TimeProvider.System, out _, out var fault));
        Assert.Equal($"{name} is not supported by this version: use basic_auth or authorization", fault);
    }

    private static RemoteWriteConfig Config(string url, params string[] lines)
    {
        var yaml = new StringBuilder($"remote_write:\n- url: '{url}'\n");
        foreach (var line in lines)
        {
            yaml.Append("  ").Append(line).Append('\n');
        }

        var result = PrometheusConfigFile.Parse(yaml.ToString());
        Assert.True(result.Config is not null, result.FaultText());
        return Assert.Single(result.Config.RemoteWrites);
    }

    private static HttpWriteClient Client(string url, params string[] lines)
    {
        var format = new WireFormat(RemoteWriteMessage.V1);
        Assert.True(HttpWriteClient.TryCreate(Config(url, lines), format, "ScrapeCluster/test", TimeProvider.System, out var client, out var fault), fault);
        return client;
    }

    private static async Task StoredAsync(HttpWriteClient client)
    {
        var outcome = await StoreAsync(client);
        Assert.True(outcome.Result == StoreResult.Stored, outcome.Reason);
    }

    private static async Task<StoreOutcome> StoreAsync(HttpWriteClient client)
    {
        var store = new LabelStore();
        var labels = new StoredLabels(store, store.Add(RemoteWriteBench.Series(1)));
        var request = new SampleEncoder(client.Format).Encode([new PendingSample(labels, 1, 1)]);
        return await client.StoreAsync(request, 0, TestContext.Current.CancellationToken);
    }

    private static HttpsConnectionAdapterOptions Https(Func<X509Certificate2> present, List<string> clients) => new()
    {
        ServerCertificateSelector = (_, _) => present(),
        ClientCertificateMode = ClientCertificateMode.AllowCertificate,
        ClientCertificateValidation = (certificate, _, _) =>
        {
            clients.Add(certificate.Subject);
            return true;
        },
    };

    private void WritePair(string cert, string key, string subject, int minutes)
    {
        using var certificate = _authority.Issue(subject);
        Rewrite(cert, certificate.ExportCertificatePem(), minutes);
        Rewrite(key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), minutes);
    }

    /// <summary>File times are coarse: each version gets its own.</summary>
    private static void Rewrite(string path, string content, int minutes)
    {
        File.WriteAllText(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, minutes, 0, DateTimeKind.Utc));
    }
}
