using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ScrapeCluster.Tests.Scraping;

namespace ScrapeCluster.Tests.Configuration.Http;

/// <summary>A target behind TLS that remembers each handshake.</summary>
internal sealed class TlsExporter : IAsyncDisposable
{
    private readonly SocketExporter _exporter;
    private readonly List<TlsVisit> _visits = [];
    private readonly SslProtocols _protocols;
    private readonly X509Certificate2? _clientAuthority;

    public TlsExporter(X509Certificate2 certificate, SslProtocols protocols = SslProtocols.None, X509Certificate2? clientAuthority = null)
    {
        Certificate = certificate;
        _protocols = protocols;
        _clientAuthority = clientAuthority;
        _exporter = new SocketExporter(
            (stream, token) => stream.WriteAsync(Encoding.Latin1.GetBytes(SocketExporter.Ok("a 1\n")), token).AsTask(), secure: SecureAsync);
    }

    /// <summary>Shown in the next handshake.</summary>
    public X509Certificate2 Certificate { get; set; }

    public string Url => _exporter.Url;

    public int Port => _exporter.Port;

    public int Connections => _exporter.Connections;

    public TlsVisit[] Visits
    {
        get
        {
            lock (_visits)
            {
                return [.. _visits];
            }
        }
    }

    public ValueTask DisposeAsync() => _exporter.DisposeAsync();

    private async Task<Stream> SecureAsync(Stream connection, CancellationToken cancellationToken)
    {
        var stream = new SslStream(connection);
        await stream.AuthenticateAsServerAsync(Options(), cancellationToken);
        lock (_visits)
        {
            _visits.Add(new TlsVisit(stream.TargetHostName, stream.SslProtocol, stream.RemoteCertificate?.Subject));
        }

        return stream;
    }

    private SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificate = Certificate,
        EnabledSslProtocols = _protocols,
        ClientCertificateRequired = _clientAuthority is not null,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        CertificateChainPolicy = _clientAuthority is null ? null : Trust(_clientAuthority),
        RemoteCertificateValidationCallback = (_, _, _, errors) => _clientAuthority is null || errors == SslPolicyErrors.None,
    };

    private static X509ChainPolicy Trust(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }
}

/// <param name="ServerName">What the client sent as SNI; empty when it sent none.</param>
internal sealed record TlsVisit(string ServerName, SslProtocols Protocol, string? Client);
