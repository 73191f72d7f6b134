using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ScrapeCluster.Configuration.Http;

/// <summary>Whether a server's certificate is taken, and if not why, in the words of Go's crypto/x509 with the setting that decides.</summary>
internal sealed class ServerCheck(TlsConfig config, TlsCertificates certificates, string name)
{
    private const string Refused = "tls: failed to verify certificate: x509: ";

    public string? Fault { get; private set; }

    public bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (config.InsecureSkipVerify)
        {
            return true;
        }

        Fault = certificate is X509Certificate2 presented ? FaultOf(presented, chain, errors) : "tls: the server showed no certificate";
        return Fault is null;
    }

    private string? FaultOf(X509Certificate2 presented, X509Chain? chain, SslPolicyErrors errors)
    {
        if ((errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0 && !EndsAtAuthority(chain))
        {
            return FaultOf(presented, chain);
        }

        // Without a name the handler has put in the host of the proxy or target.
        var isNamed = name.Length > 0 && (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0 ? presented.MatchesHostname(name)
            : (errors & SslPolicyErrors.RemoteCertificateNameMismatch) == 0;
        return isNamed ? null : $"{Refused}certificate is valid for {NamesOf(presented)}, not {name} ({Origin()})";
    }

    private string FaultOf(X509Certificate2 presented, X509Chain? chain)
    {
        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, static (all, next) => all | next.Status) ?? X509ChainStatusFlags.PartialChain;
        if ((status & X509ChainStatusFlags.NotTimeValid) != 0)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{Refused}certificate has expired or is not yet valid: {presented.Subject} is valid from {presented.NotBefore:u} to {presented.NotAfter:u}");
        }

        return (status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0
            ? $"{Refused}certificate signed by unknown authority: {presented.Subject} was issued by {presented.Issuer}, which is not trusted by {Trust()}"
            : $"{Refused}{presented.Subject}: {status}";
    }

    /// <summary>Any certificate of ca_file is an anchor, as in Go; .NET takes self-signed ones only.</summary>
    private bool EndsAtAuthority(X509Chain? chain)
    {
        return certificates.Authorities is { } authorities
            && chain is { ChainElements.Count: > 0 }
            && chain.ChainStatus.All(static status => status.Status == X509ChainStatusFlags.PartialChain)
            && authorities.Contains(chain.ChainElements[^1].Certificate);
    }

    private string Trust()
    {
        if (certificates.Authorities is null)
        {
            return "the authorities of the system (tls_config has no ca_file)";
        }

        return config.CaFile.Length > 0 ? $"tls_config ca_file {config.CaFile}" : "tls_config ca";
    }

    private string Origin() => config.ServerName.Length > 0 ? "tls_config server_name" : "the host of the URL; tls_config server_name changes it";

    private static string NamesOf(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(static extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(static address => address.ToString())));
        return string.Join(", ", names) is { Length: > 0 } list ? list : "no name";
    }
}
