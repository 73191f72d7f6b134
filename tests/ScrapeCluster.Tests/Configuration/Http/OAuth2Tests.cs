using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Configuration.Prometheus;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>Client credentials: what the token endpoint is asked, how long a token serves, what a refusal says.</summary>
public sealed class OAuth2Tests : IDisposable
{
    private readonly TempDirectory _files = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Get_Token_IsFetchedOnceAndAgainBeforeItExpires()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        await using var issuer = new TokenEndpoint(count => (200, $"{{\"access_token\":\"t{count}\",\"token_type\":\"bearer\",\"expires_in\":60}}"));
        using var client = Exchange(new OAuth2Config
        {
            ClientId = "i d",
            ClientSecret = new Secret("s/t"),
            TokenUrl = issuer.Url,
            Scopes = ["a", "b"],
            EndpointParams = [new UrlParam("audience", ["x y"])],
        });

        await client.GetAsync(exporter.Url);
        await client.GetAsync(exporter.Url);
        _time.Advance(TimeSpan.FromSeconds(49));
        await client.GetAsync(exporter.Url);
        _time.Advance(TimeSpan.FromSeconds(2));
        await client.GetAsync(exporter.Url);

        Assert.Equal(["Bearer t1", "Bearer t1", "Bearer t1", "Bearer t2"], exporter.Requests.Select(Authorization));
        Assert.Equal(2, issuer.Requests.Length);
        var (head, body) = issuer.Requests[0];
        Assert.StartsWith("POST /token HTTP/1.1\r\n", head);
        Assert.Contains("Content-Type: application/x-www-form-urlencoded", head);
        Assert.Equal($"Basic {Convert.ToBase64String("i+d:s%2Ft"u8)}", Authorization(head));
        Assert.Equal("grant_type=client_credentials&scope=a+b&audience=x+y", body);
    }

    [Fact]
    public async Task Get_EndpointWantsTheSecretInTheBody_ItIsSentThereFromThenOn()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        await using var issuer = new TokenEndpoint(count => count == 1 ? (401, "{}") : (200, $"{{\"access_token\":\"t{count}\",\"expires_in\":\"20\"}}"));
        using var client = Exchange(new OAuth2Config { ClientId = "id", ClientSecret = new Secret("s"), TokenUrl = issuer.Url });

        await client.GetAsync(exporter.Url);
        _time.Advance(TimeSpan.FromSeconds(11));
        await client.GetAsync(exporter.Url);

        Assert.Equal(["Bearer t2", "Bearer t3"], exporter.Requests.Select(Authorization));
        Assert.Equal(
            ["grant_type=client_credentials", "grant_type=client_credentials&client_id=id&client_secret=s", "grant_type=client_credentials&client_id=id&client_secret=s"],
            issuer.Requests.Select(request => request.Body));
    }

    [Fact]
    public async Task Get_SecretFileChanges_ANewTokenIsFetched()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        await using var issuer = new TokenEndpoint(count => (200, $"{{\"access_token\":\"t{count}\"}}"));
        using var client = Exchange(new OAuth2Config { ClientId = "id", ClientSecretFile = _files.Write("secret", "one\n"), TokenUrl = issuer.Url });

        await client.GetAsync(exporter.Url);
        _time.Advance(TimeSpan.FromDays(100));
        await client.GetAsync(exporter.Url);
        _files.Write("secret", "two\n");
        await client.GetAsync(exporter.Url);

        Assert.Equal(["Bearer t1", "Bearer t1", "Bearer t2"], exporter.Requests.Select(Authorization));
        Assert.Equal([$"Basic {Convert.ToBase64String("id:one"u8)}", $"Basic {Convert.ToBase64String("id:two"u8)}"], issuer.Requests.Select(request => Authorization(request.Head)));
    }

    [Theory]
    [InlineData(400, "{\"error\":\"invalid_scope\",\"error_description\":\"no such\"}", "400: invalid_scope no such")]
    [InlineData(500, "oh", "500: the answer is not a JSON object")]
    [InlineData(200, "{}", "200: no access_token in the answer")]
    [InlineData(200, "[]", "200: the answer is not a JSON object")]
    public async Task Get_EndpointRefuses_IsAFaultThatNamesIt(int status, string answer, string reason)
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        await using var issuer = new TokenEndpoint(_ => (status, answer));
        using var client = Exchange(new OAuth2Config { ClientId = "id", ClientSecret = new Secret("s"), TokenUrl = issuer.Url });

        Assert.Equal($"Get \"{exporter.Url}\": oauth2: cannot fetch token: token_url {issuer.Url} answered {reason}", await client.GetAsync(exporter.Url));
        Assert.Empty(exporter.Requests);
    }

    [Fact]
    public async Task Get_EndpointBehindTls_HasItsOwnSettings()
    {
        using var authority = TestAuthority.Root();
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        await using var issuer = new TlsExporter(authority.Issue("a", "token.test"));
        using var trusting = Exchange(Config(new TlsConfig { Ca = authority.Pem, ServerName = "token.test" }));
        using var doubting = Exchange(Config(new TlsConfig()));

        Assert.Contains("answered 200: the answer is not a JSON object", await trusting.GetAsync(exporter.Url));
        Assert.Contains($"oauth2: cannot fetch token: Post \"{issuer.Url}\": tls: failed to verify certificate", await doubting.GetAsync(exporter.Url));

        OAuth2Config Config(TlsConfig tls) => new() { ClientId = "id", TokenUrl = issuer.Url, Tls = tls };
    }

    [Fact]
    public async Task Get_JwtGrant_SignsTheClaims()
    {
        await using var exporter = new SocketExporter(SocketExporter.Ok(""));
        await using var issuer = new TokenEndpoint(count => (200, $"{{\"access_token\":\"t{count}\"}}"));
        using var key = RSA.Create(2048);
        using var client = Exchange(new OAuth2Config
        {
            GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ClientId = "id",
            ClientCertificateKey = new Secret(key.ExportRSAPrivateKeyPem()),
            ClientCertificateKeyId = "k1",
            SignatureAlgorithm = "RS384",
            ClaimsYaml = "{level: 3, nested: {on: true, list: [a, 1.5]}, sub: other}",
            TokenUrl = issuer.Url,
            Scopes = ["a", "b"],
            EndpointParams = [new UrlParam("x", ["y"])],
        });

        await client.GetAsync(exporter.Url);

        Assert.Equal("Bearer t1", Authorization(Assert.Single(exporter.Requests)));
        var (head, body) = Assert.Single(issuer.Requests);
        Assert.DoesNotContain("Authorization", head);
        var form = body.Split('&');
        Assert.Equal(["grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer", "x=y"], [form[0], form[2]]);
        var parts = form[1]["assertion=".Length..].Split('.');
        Assert.Equal("{\"alg\":\"RS384\",\"kid\":\"k1\",\"typ\":\"JWT\"}", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        Assert.Equal(["iss", "jti", "aud", "iat", "exp", "scope", "level", "nested", "sub"], claims.RootElement.EnumerateObject().Select(claim => claim.Name));
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal((now, now + 600), (claims.RootElement.GetProperty("iat").GetInt64(), claims.RootElement.GetProperty("exp").GetInt64()));
        Assert.Equal(("id", issuer.Url, "a b", "other"), (Claim("iss"), Claim("aud"), Claim("scope"), Claim("sub")));
        Assert.Equal("{\"on\":true,\"list\":[\"a\",1.5]}", claims.RootElement.GetProperty("nested").GetRawText());
        Assert.True(key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1));

        string? Claim(string name) => claims.RootElement.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Get_JwtGrantWithBadKey_NamesTheSetting()
    {
        var path = _files.Write("key.pem", "no key");
        var config = new OAuth2Config { GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer", ClientCertificateKeyFile = path, TokenUrl = "http://127.0.0.1:1" };
        using var client = Exchange(config);

        Assert.StartsWith($"Get \"http://127.0.0.1:1/\": oauth2: unable to use client_certificate_key_file {path}: ", await client.GetAsync("http://127.0.0.1:1/"));
    }

    private HttpExchange Exchange(OAuth2Config config) => new(new HttpClientConfig { OAuth2 = config }, new HttpTransportOptions { Time = _time });

    private static string Authorization(string request)
    {
        const string Header = "Authorization: ";
        return Assert.Single(request.Split("\r\n"), line => line.StartsWith(Header, StringComparison.Ordinal))[Header.Length..];
    }

    /// <summary>Answers the n-th request for a token.</summary>
    private sealed class TokenEndpoint : IAsyncDisposable
    {
        private readonly SocketExporter _server;
        private int _count;

        public TokenEndpoint(Func<int, (int Status, string Body)> answer)
        {
            _server = new SocketExporter((stream, token) =>
            {
                var (status, text) = answer(++_count);
                return stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {text.Length}\r\n\r\n{text}"), token).AsTask();
            });
        }

        public string Url => _server.Url.Replace("/metrics", "/token");

        public (string Head, string Body)[] Requests => [.. _server.Requests.Select(request => request.Split("\r\n\r\n") is [var head, var body] ? (head, body) : ("", ""))];

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
