namespace ScrapeCluster.Configuration;

/// <summary>How to speak HTTP to a target, a receiver or a discovery source. At most one of the authentication blocks is set.</summary>
public sealed record HttpClientConfig
{
    public static readonly HttpClientConfig Default = new();

    public BasicAuthConfig? BasicAuth { get; init; }

    /// <summary>Also what <c>bearer_token</c> and <c>bearer_token_file</c> of older files become.</summary>
    public AuthorizationConfig? Authorization { get; init; }

    public OAuth2Config? OAuth2 { get; init; }

    public TlsConfig Tls { get; init; } = new();

    public ProxyConfig Proxy { get; init; } = new();

    public bool FollowRedirects { get; init; } = true;

    public bool EnableHttp2 { get; init; } = true;

    /// <summary>Extra request headers, sorted by name.</summary>
    public ValueList<HttpHeaderConfig> HttpHeaders { get; init; } = [];
}

/// <summary>Either text or file of each; files are read again for every request.</summary>
public sealed record BasicAuthConfig
{
    public string Username { get; init; } = "";

    public string UsernameFile { get; init; } = "";

    public Secret? Password { get; init; }

    public string PasswordFile { get; init; } = "";
}

public sealed record AuthorizationConfig
{
    public string Type { get; init; } = "Bearer";

    public Secret? Credentials { get; init; }

    public string CredentialsFile { get; init; } = "";
}

public sealed record OAuth2Config
{
    public string ClientId { get; init; } = "";

    public Secret? ClientSecret { get; init; }

    public string ClientSecretFile { get; init; } = "";

    /// <summary><c>client_credentials</c> (also when empty) or <c>urn:ietf:params:oauth:grant-type:jwt-bearer</c>.</summary>
    public string GrantType { get; init; } = "";

    public string ClientCertificateKeyId { get; init; } = "";

    public Secret? ClientCertificateKey { get; init; }

    public string ClientCertificateKeyFile { get; init; } = "";

    public string SignatureAlgorithm { get; init; } = "";

    public string Issuer { get; init; } = "";

    public string Audience { get; init; } = "";

    /// <summary>Further JWT claims as YAML text, empty when there are none.</summary>
    public string ClaimsYaml { get; init; } = "";

    public ValueList<string> Scopes { get; init; } = [];

    public string TokenUrl { get; init; } = "";

    public ValueList<UrlParam> EndpointParams { get; init; } = [];

    public TlsConfig Tls { get; init; } = new();

    public ProxyConfig Proxy { get; init; } = new();
}

/// <summary>Each certificate or key is inline text or a file that is read again when it changes.</summary>
public sealed record TlsConfig
{
    public string Ca { get; init; } = "";

    public string CaFile { get; init; } = "";

    public string Cert { get; init; } = "";

    public string CertFile { get; init; } = "";

    public Secret? Key { get; init; }

    public string KeyFile { get; init; } = "";

    public string ServerName { get; init; } = "";

    public bool InsecureSkipVerify { get; init; }

    /// <summary>TLS 1.2 when null.</summary>
    public TlsVersion? MinVersion { get; init; }

    public TlsVersion? MaxVersion { get; init; }
}

public enum TlsVersion
{
    Tls10,
    Tls11,
    Tls12,
    Tls13,
}

public sealed record ProxyConfig
{
    public string ProxyUrl { get; init; } = "";

    public string NoProxy { get; init; } = "";

    public bool ProxyFromEnvironment { get; init; }

    public ValueList<ProxyHeader> ConnectHeaders { get; init; } = [];
}

public sealed record ProxyHeader(string Name, ValueList<Secret> Values);

/// <summary>All values of one header: plain ones, then secret ones, then those read from files.</summary>
public sealed record HttpHeaderConfig(string Name, ValueList<string> Values, ValueList<Secret> Secrets, ValueList<string> Files);
