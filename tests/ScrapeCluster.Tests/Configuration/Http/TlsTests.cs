using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;
using ScrapeCluster.Tests.Configuration.Prometheus;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>Every key of <c>tls_config</c> against a server that does the handshake.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Page = "a 1\n";

    private readonly TempDirectory _files = new();
    private readonly TestAuthority _authority = TestAuthority.Root();

    public void Dispose()
    {
        _files.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task Get_AuthorityFromFileOrInline_IsTrusted()
    {
        await using var exporter = new TlsExporter(_authority.Issue("a", "127.0.0.1"));
        using var byFile = new HttpExchange(new TlsConfig { CaFile = _files.Write("ca.pem", _authority.Pem) });
        using var inline = new HttpExchange(new TlsConfig { Ca = TestAuthority.Root("another").Pem + "\n" + _authority.Pem });

        Assert.Equal(Page, await byFile.GetAsync(exporter.Url));
        Assert.Equal(Page, await inline.GetAsync(exporter.Url));
    }

    [Fact]
    public async Task Get_OtherAuthority_IsRefusedNamingBothSidesAndTheSetting()
    {
        await using var exporter = new TlsExporter(_authority.Issue("exporter", "127.0.0.1"));
        using var other = TestAuthority.Root("other");
        var path = _files.Write("ca.pem", other.Pem);
        using var byFile = new HttpExchange(new TlsConfig { CaFile = path });
        using var inline = new HttpExchange(new TlsConfig { Ca = other.Pem });
        using var bySystem = new HttpExchange(new TlsConfig());

        const string Fault = "tls: failed to verify certificate: x509: certificate signed by unknown authority: CN=exporter was issued by CN=root, which is not trusted by ";
        Assert.Equal($"Get \"{exporter.Url}\": {Fault}tls_config ca_file {path}", await byFile.GetAsync(exporter.Url));
        Assert.Equal($"Get \"{exporter.Url}\": {Fault}tls_config ca", await inline.GetAsync(exporter.Url));
        Assert.Equal($"Get \"{exporter.Url}\": {Fault}the authorities of the system (tls_config has no ca_file)", await bySystem.GetAsync(exporter.Url));
    }

    [Fact]
    public async Task Get_IntermediateAsOnlyAuthority_IsAnAnchor()
    {
        using var intermediate = _authority.Intermediate("middle");
        await using var exporter = new TlsExporter(intermediate.Issue("a", "127.0.0.1"));
        using var client = new HttpExchange(new TlsConfig { Ca = intermediate.Pem });

        Assert.Equal(Page, await client.GetAsync(exporter.Url));
    }

    [Fact]
    public async Task Get_HostNotInCertificate_IsRefusedNamingTheSetting()
    {
        await using var exporter = new TlsExporter(_authority.Issue("a", "exporter.test", "10.0.0.1"));
        using var client = new HttpExchange(new TlsConfig { Ca = _authority.Pem });
        using var misnamed = new HttpExchange(new TlsConfig { Ca = _authority.Pem, ServerName = "other.test" });

        const string Fault = "tls: failed to verify certificate: x509: certificate is valid for exporter.test, 10.0.0.1, not ";
        Assert.Equal($"Get \"{exporter.Url}\": {Fault}127.0.0.1 (the host of the URL; tls_config server_name changes it)", await client.GetAsync(exporter.Url));
        Assert.Equal($"Get \"{exporter.Url}\": {Fault}other.test (tls_config server_name)", await misnamed.GetAsync(exporter.Url));
    }

    [Fact]
    public async Task Get_ServerName_IsSentAndChecked()
    {
        await using var exporter = new TlsExporter(_authority.Issue("a", "exporter.test"));
        using var client = new HttpExchange(new TlsConfig { Ca = _authority.Pem, ServerName = "exporter.test" });

        Assert.Equal(Page, await client.GetAsync(exporter.Url));
        Assert.Equal("exporter.test", Assert.Single(exporter.Visits).ServerName);
    }

    [Fact]
    public async Task Get_NoServerName_SendsTheHostOfTheUrl()
    {
        await using var exporter = new TlsExporter(_authority.Issue("a", "localhost"));
        using var client = new HttpExchange(new TlsConfig { Ca = _authority.Pem });

        Assert.Equal(Page, await client.GetAsync($"https://localhost:{exporter.Port}/metrics"));
        Assert.Equal("localhost", Assert.Single(exporter.Visits).ServerName);
    }

    [Fact]
    public async Task Get_ExpiredCertificate_IsRefusedUnlessNothingIsVerified()
    {
        await using var exporter = new TlsExporter(_authority.Issue("old", DateTimeOffset.UtcNow.AddHours(-1), "127.0.0.1"));
        using var strict = new HttpExchange(new TlsConfig { Ca = _authority.Pem });
        using var careless = new HttpExchange(new TlsConfig { InsecureSkipVerify = true });

        Assert.Contains("x509: certificate has expired or is not yet valid: CN=old is valid from ", await strict.GetAsync(exporter.Url));
        Assert.Equal(Page, await careless.GetAsync(exporter.Url));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Get_ClientCertificate_IsShownWithItsChain(bool fromFiles)
    {
        using var intermediate = _authority.Intermediate("middle");
        using var client = intermediate.Issue("scraper");
        var cert = client.ExportCertificatePem() + "\n" + intermediate.Pem;
        var key = client.GetECDsaPrivateKey()!.ExportECPrivateKeyPem();
        await using var exporter = new TlsExporter(_authority.Issue("a", "127.0.0.1"), clientAuthority: _authority.Certificate);
        using var exchange = new HttpExchange(fromFiles
            ? new TlsConfig { Ca = _authority.Pem, CertFile = _files.Write("cert.pem", cert), KeyFile = _files.Write("key.pem", key) }
            : new TlsConfig { Ca = _authority.Pem, Cert = cert, Key = new Secret(key) });

        Assert.Equal(Page, await exchange.GetAsync(exporter.Url));
        Assert.Equal("CN=scraper", Assert.Single(exporter.Visits).Client);
    }

    [Fact]
    public async Task Get_NoClientCertificateForServerThatWantsOne_IsAFault()
    {
        await using var exporter = new TlsExporter(_authority.Issue("a", "127.0.0.1"), clientAuthority: _authority.Certificate);
        using var exchange = new HttpExchange(new TlsConfig { Ca = _authority.Pem });

        Assert.StartsWith($"Get \"{exporter.Url}\": ", await exchange.GetAsync(exporter.Url));
        Assert.Empty(exporter.Visits);
    }

    [Theory]
    [InlineData(null, null, SslProtocols.Tls12, SslProtocols.Tls12)]
    [InlineData(null, null, SslProtocols.None, SslProtocols.Tls13)]
    [InlineData(null, TlsVersion.Tls12, SslProtocols.None, SslProtocols.Tls12)]
    [InlineData(TlsVersion.Tls13, null, SslProtocols.None, SslProtocols.Tls13)]
    public async Task Get_Versions_AreWithinTheBounds(TlsVersion? min, TlsVersion? max, SslProtocols offered, SslProtocols expected)
    {
        await using var exporter = new TlsExporter(_authority.Issue("a", "127.0.0.1"), offered);
        using var client = new HttpExchange(new TlsConfig { Ca = _authority.Pem, MinVersion = min, MaxVersion = max });

        Assert.Equal(Page, await client.GetAsync(exporter.Url));
        Assert.Equal(expected, Assert.Single(exporter.Visits).Protocol);
    }

    [Fact]
    public async Task Get_NoCommonVersion_NamesTheBounds()
    {
        await using var exporter = new TlsExporter(_authority.Issue("a", "127.0.0.1"), SslProtocols.Tls12);
        using var client = new HttpExchange(new TlsConfig { Ca = _authority.Pem, MinVersion = TlsVersion.Tls13 });

        var fault = await client.GetAsync(exporter.Url);

        Assert.StartsWith($"Get \"{exporter.Url}\": tls: handshake failed: ", fault);
        Assert.EndsWith("(tls_config: min_version TLS13, max_version TLS13)", fault);
    }

    [Theory]
    [InlineData(TlsVersion.Tls13, TlsVersion.Tls12, "min_version is TLS13 and max_version TLS12")]
    [InlineData(null, TlsVersion.Tls11, "min_version is TLS12 and max_version TLS11")]
    public void Create_MinAboveMax_IsAFault(TlsVersion? min, TlsVersion max, string expected)
    {
        var config = new HttpClientConfig { Tls = new TlsConfig { MinVersion = min, MaxVersion = max } };

        Assert.False(ConfiguredHttpClient.TryCreate(config, new HttpTransportOptions(), out _, out var fault));
        Assert.Equal($"tls_config: no TLS version is left: {expected}", fault);
    }

    [Fact]
    public async Task Get_AuthorityFileChanges_IsReadAgainAndKeptConnectionsAreLeft()
    {
        using var other = TestAuthority.Root("other");
        await using var exporter = new TlsExporter(_authority.Issue("a", "127.0.0.1"));
        var path = _files.Write("ca.pem", _authority.Pem);
        using var client = new HttpExchange(new TlsConfig { CaFile = path });
        Assert.Equal(Page, await client.GetAsync(exporter.Url));
        Assert.Equal(Page, await client.GetAsync(exporter.Url));
        Assert.Equal(1, exporter.Connections);

        Rewrite(path, other.Pem, minutes: 1);
        Assert.Contains("certificate signed by unknown authority", await client.GetAsync(exporter.Url));

        Rewrite(path, "half of a", minutes: 2);
        exporter.Certificate = other.Issue("b", "127.0.0.1");
        Assert.Equal(Page, await client.GetAsync(exporter.Url));

        Rewrite(path, _authority.Pem, minutes: 3);
        exporter.Certificate = _authority.Issue("a", "127.0.0.1");
        Assert.Equal(Page, await client.GetAsync(exporter.Url));
    }

    [Fact]
    public async Task Get_ClientCertificateFileChanges_TheNewOneIsShown()
    {
        await using var exporter = new TlsExporter(_authority.Issue("a", "127.0.0.1"), clientAuthority: _authority.Certificate);
        var tls = new TlsConfig { Ca = _authority.Pem, CertFile = _files.PathOf("cert.pem"), KeyFile = _files.PathOf("key.pem") };
        WritePair(tls, "one", minutes: 0);
        using var client = new HttpExchange(tls);
        Assert.Equal(Page, await client.GetAsync(exporter.Url));

        WritePair(tls, "two", minutes: 1);

        Assert.Equal(Page, await client.GetAsync(exporter.Url));
        Assert.Equal(["CN=one", "CN=two"], exporter.Visits.Select(visit => visit.Client));
    }

    private void WritePair(TlsConfig tls, string subject, int minutes)
    {
        using var certificate = _authority.Issue(subject);
        Rewrite(tls.CertFile, certificate.ExportCertificatePem(), minutes);
        Rewrite(tls.KeyFile, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), minutes);
    }

    /// <summary>File times are coarse: each version gets its own.</summary>
    private static void Rewrite(string path, string content, int minutes)
    {
        File.WriteAllText(path, content);
        File.SetLastWriteTimeUtc(path, new DateTime(2026, 1, 1, 0, minutes, 0, DateTimeKind.Utc));
    }
}
