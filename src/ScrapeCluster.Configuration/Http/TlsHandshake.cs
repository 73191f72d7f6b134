using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// The TLS handshake of one connection. Done here and not by SocketsHttpHandler, because that sends the URL's host as server name whatever
/// <c>server_name</c> says, and because here a refusal can say what was wrong with the certificate.
/// </summary>
internal static class TlsHandshake
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Owns the given stream from here on. Throws <see cref="AuthenticationException"/> with the whole story in its message.</summary>
    public static async ValueTask<SslStream> AuthenticateAsync(Stream connection, string host, TlsMaterial tls, bool offersHttp2, CancellationToken cancellationToken)
    {
        var certificates = tls.Current();
        var name = tls.Config.ServerName.Length > 0 ? tls.Config.ServerName : host;
        var check = new ServerCheck(tls.Config, certificates, name);
        var options = Options(tls.Config, certificates, name);
        options.ApplicationProtocols = offersHttp2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11];
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => check.Accepts(certificate, chain, errors);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        var stream = new SslStream(connection);
        try
        {
            await stream.AuthenticateAsClientAsync(options, deadline.Token);
            return stream;
        }
        catch (Exception e)
        {
            await stream.DisposeAsync();
            switch (e)
            {
                case AuthenticationException:
                    throw new AuthenticationException(check.Fault ?? $"tls: handshake failed: {e.Message} {e.InnerException?.Message}".TrimEnd() + Versions(tls.Config));
                case OperationCanceledException when !cancellationToken.IsCancellationRequested:
                    throw new AuthenticationException($"net/http: TLS handshake timeout ({Deadline.TotalSeconds} s)");
                default:
                    throw;
            }
        }
    }

    /// <summary>For connections whose handshake the handler does itself: to and through proxies that this client does not dial.</summary>
    public static SslClientAuthenticationOptions OptionsOfHandler(TlsMaterial tls)
    {
        var certificates = tls.Current();
        var options = Options(tls.Config, certificates, name: "");
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => new ServerCheck(tls.Config, certificates, tls.Config.ServerName).Accepts(certificate, chain, errors);
        return options;
    }

    private static SslClientAuthenticationOptions Options(TlsConfig config, TlsCertificates certificates, string name)
    {
        return new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = Protocols(config),
            ClientCertificateContext = certificates.Client,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = certificates.Authorities is { } authorities ? TrustOnly(authorities) : null,
            // A resumed session would not show its certificates to authorities that were changed since.
            AllowTlsResume = false,
        };
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static SslProtocols Protocols(TlsConfig config)
    {
        var protocols = SslProtocols.None;
        for (var version = config.MinVersion ?? TlsVersion.Tls12; version <= (config.MaxVersion ?? TlsVersion.Tls13); version++)
        {
            protocols |= version switch
            {
                TlsVersion.Tls12 => SslProtocols.Tls12,
                TlsVersion.Tls13 => SslProtocols.Tls13,
#pragma warning disable CA5397, SYSLIB0039 // asked for by min_version, for targets that know nothing newer
                TlsVersion.Tls11 => SslProtocols.Tls11,
                _ => SslProtocols.Tls,
#pragma warning restore CA5397, SYSLIB0039
            };
        }

        return protocols;
    }

    private static string Versions(TlsConfig config)
    {
        return $" (tls_config: min_version {TlsMaterial.Name(config.MinVersion ?? TlsVersion.Tls12)}, max_version {TlsMaterial.Name(config.MaxVersion ?? TlsVersion.Tls13)})";
    }
}
