using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// Certificates and keys of a <see cref="TlsConfig"/>. Files are looked at again whenever <see cref="Current"/> is asked for and loaded anew when they
/// changed; while that fails, such as in the middle of a rotation, the last good ones stay in use.
/// </summary>
internal sealed class TlsMaterial
{
    private readonly bool _hasFiles;
    private readonly Lock _reading = new();
    private volatile TlsCertificates _current;

    private TlsMaterial(TlsConfig config, TlsCertificates current)
    {
        Config = config;
        _hasFiles = config.CaFile.Length + config.CertFile.Length + config.KeyFile.Length > 0;
        _current = current;
    }

    public TlsConfig Config { get; }

    public static bool TryLoad(TlsConfig config, [NotNullWhen(true)] out TlsMaterial? material, [NotNullWhen(false)] out string? fault)
    {
        material = null;
        if (config is { MinVersion: var min, MaxVersion: { } max } && (min ?? TlsVersion.Tls12) > max)
        {
            fault = $"tls_config: no TLS version is left: min_version is {Name(min ?? TlsVersion.Tls12)} and max_version {Name(max)}";
            return false;
        }

        material = TryRead(config, out var certificates, out fault) ? new TlsMaterial(config, certificates) : null;
        return material is not null;
    }

    /// <summary>The same object as long as no file changes.</summary>
    public TlsCertificates Current()
    {
        if (!_hasFiles || Stamp(Config) == _current.Stamp)
        {
            return _current;
        }

        lock (_reading)
        {
            if (Stamp(Config) != _current.Stamp && TryRead(Config, out var certificates, out _))
            {
                _current = certificates;
            }

            return _current;
        }
    }

    internal static string Name(TlsVersion version) => version.ToString().ToUpperInvariant();

    private static bool TryRead(TlsConfig config, [NotNullWhen(true)] out TlsCertificates? certificates, [NotNullWhen(false)] out string? fault)
    {
        certificates = null;
        fault = null;
        // Taken before reading: a file that is written meanwhile is read again.
        var stamp = Stamp(config);
        var setting = "";
        try
        {
            setting = Setting("ca", config.CaFile);
            var authorities = Authorities(Text(config.Ca, config.CaFile));
            if (authorities is { Count: 0 })
            {
                fault = $"tls_config: unable to use {setting}: no certificate in PEM form in it";
                return false;
            }

            setting = Setting("cert", config.CertFile);
            var cert = Text(config.Cert, config.CertFile);
            setting = Setting("key", config.KeyFile);
            var key = Text(config.Key?.Reveal() ?? "", config.KeyFile);
            setting = $"{Setting("cert", config.CertFile)} with {Setting("key", config.KeyFile)}";
            certificates = new TlsCertificates(authorities, cert.Length == 0 ? null : ClientCertificate(cert, key), stamp);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            fault = $"tls_config: unable to use {setting}: {e.Message}";
            return false;
        }
    }

    private static string Setting(string key, string file) => file.Length > 0 ? $"{key}_file {file}" : key;

    private static string Text(string inline, string file) => file.Length > 0 ? File.ReadAllText(file) : inline;

    private static X509Certificate2Collection? Authorities(string pem)
    {
        if (pem.Length == 0)
        {
            return null;
        }

        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        return authorities;
    }

    /// <summary>The first certificate is the client's own; what follows it in the file is sent with it, as intermediates.</summary>
    private static SslStreamCertificateContext ClientCertificate(string cert, string key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(cert);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(cert, key), chain, offline: true);
    }

    private static long Stamp(TlsConfig config)
    {
        var stamp = new HashCode();
        foreach (var path in (ReadOnlySpan<string>)[config.CaFile, config.CertFile, config.KeyFile])
        {
            if (path.Length > 0 && new FileInfo(path) is { Exists: true } file)
            {
                stamp.Add(file.LastWriteTimeUtc.Ticks);
                stamp.Add(file.Length);
            }
        }

        return stamp.ToHashCode();
    }
}

/// <param name="Authorities">Null: those of the system are trusted.</param>
/// <param name="Client">What is shown to a server that asks who we are.</param>
internal sealed record TlsCertificates(X509Certificate2Collection? Authorities, SslStreamCertificateContext? Client, long Stamp);
