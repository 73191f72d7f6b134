using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// Certificates and keys of a <see cref="TlsConfig"/>. Files are looked at again at every handshake and loaded anew when they changed; when that fails
/// the last good ones stay in use.
/// </summary>
internal sealed class TlsMaterial
{
    private readonly TlsConfig _config;
    private readonly Lock _lock = new();
    private Loaded _loaded;

    private TlsMaterial(TlsConfig config, Loaded loaded)
    {
        _config = config;
        _loaded = loaded;
    }

    private sealed record Loaded(X509Certificate2Collection? Authorities, X509Certificate2? Certificate, long Stamp);

    public static bool TryLoad(TlsConfig config, [NotNullWhen(true)] out TlsMaterial? material, [NotNullWhen(false)] out string? fault)
    {
        material = TryRead(config, out var loaded, out fault) ? new TlsMaterial(config, loaded) : null;
        return material is not null;
    }

    public SslClientAuthenticationOptions ToOptions()
    {
        return new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = Protocols(),
            LocalCertificateSelectionCallback = _config.Cert.Length + _config.CertFile.Length > 0 ? (_, _, _, _, _) => Current().Certificate! : null,
            RemoteCertificateValidationCallback = Validate,
        };
    }

    private SslProtocols Protocols()
    {
        var protocols = SslProtocols.None;
        for (var version = _config.MinVersion ?? TlsVersion.Tls12; version <= (_config.MaxVersion ?? TlsVersion.Tls13); version++)
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

    private bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_config.InsecureSkipVerify)
        {
            return true;
        }

        if (certificate is not X509Certificate2 presented)
        {
            return false;
        }

        // SocketsHttpHandler sends the URL's host as server name whatever is set, so server_name decides the check of the certificate alone.
        var nameIsRight = _config.ServerName.Length > 0
            ? presented.MatchesHostname(_config.ServerName)
            : (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0;
        return nameIsRight && (Current().Authorities is { } authorities
            ? IsTrusted(presented, chain, authorities)
            : (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == SslPolicyErrors.None);
    }

    private static bool IsTrusted(X509Certificate2 presented, X509Chain? sent, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(presented);
    }

    private Loaded Current()
    {
        lock (_lock)
        {
            if (Stamp(_config) != _loaded.Stamp && TryRead(_config, out var loaded, out _))
            {
                _loaded = loaded;
            }

            return _loaded;
        }
    }

    private static bool TryRead(TlsConfig config, [NotNullWhen(true)] out Loaded? loaded, [NotNullWhen(false)] out string? fault)
    {
        loaded = null;
        fault = null;
        var stamp = Stamp(config);
        var setting = "";
        try
        {
            setting = $"ca_file {config.CaFile}";
            var ca = Text(config.Ca, config.CaFile);
            var authorities = ca.Length == 0 ? null : new X509Certificate2Collection();
            authorities?.ImportFromPem(ca);
            if (authorities is { Count: 0 })
            {
                fault = $"tls_config: unable to use specified CA cert {config.CaFile}: no certificate in PEM form in it";
                return false;
            }

            setting = $"cert_file {config.CertFile}";
            var cert = Text(config.Cert, config.CertFile);
            setting = $"key_file {config.KeyFile}";
            var key = Text(config.Key?.Reveal() ?? "", config.KeyFile);
            setting = $"cert_file {config.CertFile} and key_file {config.KeyFile}";
            loaded = new Loaded(authorities, cert.Length == 0 ? null : X509Certificate2.CreateFromPem(cert, key), stamp);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            fault = $"tls_config: unable to use {setting}: {e.Message}";
            return false;
        }
    }

    private static string Text(string inline, string file) => file.Length > 0 ? File.ReadAllText(file) : inline;

    private static long Stamp(TlsConfig config)
    {
        var stamp = new HashCode();
        foreach (var file in (ReadOnlySpan<string>)[config.CaFile, config.CertFile, config.KeyFile])
        {
            stamp.Add(file.Length > 0 ? File.GetLastWriteTimeUtc(file).Ticks : 0);
        }

        return stamp.ToHashCode();
    }
}
