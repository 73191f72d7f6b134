namespace ScrapeCluster.Configuration;

/// <summary>Reads an <c>oauth2</c> block: client credentials, or a signed JWT as the grant.</summary>
internal static class OAuth2Reader
{
    private const string ClientCredentials = "client_credentials";
    private const string JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    public static OAuth2Config Read(Section section)
    {
        var config = new OAuth2Config
        {
            ClientId = section.String("client_id"),
            ClientSecret = section.Secret("client_secret"),
            ClientSecretFile = section.File("client_secret_file"),
            GrantType = section.String("grant_type"),
            ClientCertificateKeyId = section.String("client_certificate_key_id"),
            ClientCertificateKey = section.Secret("client_certificate_key"),
            ClientCertificateKeyFile = section.File("client_certificate_key_file"),
            SignatureAlgorithm = section.String("signature_algorithm"),
            Issuer = section.String("iss"),
            Audience = section.String("audience"),
            ClaimsYaml = section.Find("claims") is { IsNull: false } claims ? YamlText.Write(claims.Node, maskSecrets: false) : "",
            Scopes = section.Strings("scopes"),
            TokenUrl = section.String("token_url"),
            EndpointParams = [.. section.Map("endpoint_params").Select(p => new UrlParam(p.Key.AsString(), [p.Value.AsString()]))],
            Tls = TlsReader.Read(section.Find("tls_config")),
            Proxy = ProxyReader.Read(section),
        };
        HttpClientReader.RefuseManagedSecrets(section, "client_secret_ref", "client_certificate_key_ref");
        Check(section, config);
        section.Finish();
        return config;
    }

    private static void Check(Section section, OAuth2Config config)
    {
        if (config.ClientId.Length == 0)
        {
            section.Fault("oauth2 client_id must be configured");
        }

        if (config.TokenUrl.Length == 0)
        {
            section.Fault("oauth2 token_url must be configured");
        }

        if (config.ClientSecret is not null && config.ClientSecretFile.Length > 0)
        {
            section.Fault("at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured");
        }

        if (config.ClientCertificateKey is not null && config.ClientCertificateKeyFile.Length > 0)
        {
            section.Fault("at most one of oauth2 client_certificate_key, client_certificate_key_file & client_certificate_key_ref must be configured using grant-type=" + JwtBearer);
        }

        if (config.GrantType is not ("" or ClientCredentials or JwtBearer))
        {
            section.FaultAt("grant_type", $"unknown oauth2 grant_type \"{config.GrantType}\", must be {ClientCredentials} or {JwtBearer}");
        }

        if (config.GrantType == JwtBearer && config.ClientCertificateKey is null && config.ClientCertificateKeyFile.Length == 0)
        {
            section.Fault("either oauth2 client_certificate_key or client_certificate_key_file must be configured using grant-type=" + JwtBearer);
        }

        if (config.SignatureAlgorithm is not ("" or "RS256" or "RS384" or "RS512"))
        {
            section.FaultAt("signature_algorithm", $"invalid oauth2 signature_algorithm \"{config.SignatureAlgorithm}\", must be one of RS256, RS384, RS512");
        }
    }
}
