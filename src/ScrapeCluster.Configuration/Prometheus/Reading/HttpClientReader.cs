namespace ScrapeCluster.Configuration;

/// <summary>Reads the HTTP client settings that stand inline in a job, a receiver or a discovery entry.</summary>
internal static class HttpClientReader
{
    public static HttpClientConfig Read(Section section, bool enableHttp2 = true)
    {
        var basicAuth = section.Find("basic_auth")?.AsSection() is { } basic ? ReadBasicAuth(basic) : null;
        var oauth2 = section.Find("oauth2")?.AsSection() is { } oauth ? OAuth2Reader.Read(oauth) : null;
        var authorization = section.Find("authorization")?.AsSection() is { } auth ? ReadAuthorization(auth) : null;
        var bearer = ReadBearer(section);
        CheckExclusive(section, basicAuth is not null, oauth2 is not null, authorization is not null, bearer is not null);
        return new()
        {
            BasicAuth = basicAuth,
            OAuth2 = oauth2,
            Authorization = authorization ?? bearer,
            Tls = TlsReader.Read(section.Find("tls_config")),
            Proxy = ProxyReader.Read(section),
            FollowRedirects = section.Bool("follow_redirects", true),
            EnableHttp2 = section.Bool("enable_http2", enableHttp2),
            HttpHeaders = HttpHeadersReader.Read(section),
        };
    }

    private static BasicAuthConfig ReadBasicAuth(Section section)
    {
        var auth = new BasicAuthConfig
        {
            Username = section.String("username"),
            UsernameFile = section.File("username_file"),
            Password = section.Secret("password"),
            PasswordFile = section.File("password_file"),
        };
        RefuseManagedSecrets(section, "username_ref", "password_ref");
        if (auth.Username.Length > 0 && auth.UsernameFile.Length > 0)
        {
            section.Fault("at most one of basic_auth username, username_file & username_ref must be configured");
        }

        if (auth.Password is not null && auth.PasswordFile.Length > 0)
        {
            section.Fault("at most one of basic_auth password, password_file & password_ref must be configured");
        }

        section.Finish();
        return auth;
    }

    private static AuthorizationConfig ReadAuthorization(Section section)
    {
        var type = section.String("type").Trim();
        var auth = new AuthorizationConfig
        {
            Type = type.Length == 0 ? "Bearer" : type,
            Credentials = section.Secret("credentials"),
            CredentialsFile = section.File("credentials_file"),
        };
        RefuseManagedSecrets(section, "credentials_ref");
        if (auth.Credentials is not null && auth.CredentialsFile.Length > 0)
        {
            section.Fault("at most one of authorization credentials & credentials_file must be configured");
        }

        if (string.Equals(auth.Type, "basic", StringComparison.OrdinalIgnoreCase))
        {
            section.FaultAt("type", "authorization type cannot be set to \"basic\", use \"basic_auth\" instead");
        }

        section.Finish();
        return auth;
    }

    private static AuthorizationConfig? ReadBearer(Section section)
    {
        var token = section.Secret("bearer_token");
        var file = section.File("bearer_token_file");
        if (token is not null && file.Length > 0)
        {
            section.FaultAt("bearer_token_file", "at most one of bearer_token & bearer_token_file must be configured");
        }

        return token is null && file.Length == 0 ? null : new() { Credentials = token, CredentialsFile = file };
    }

    private static void CheckExclusive(Section section, bool basic, bool oauth2, bool authorization, bool bearer)
    {
        if (bearer && (basic || oauth2))
        {
            section.Fault("at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured");
        }

        if (bearer && authorization)
        {
            section.Fault("authorization is not compatible with bearer_token & bearer_token_file");
        }

        if ((authorization && (basic || oauth2)) || (basic && oauth2))
        {
            section.Fault("at most one of basic_auth, oauth2 & authorization must be configured");
        }
    }

    /// <summary>References into a secret manager are a build option of Prometheus's library that Prometheus itself does not set up.</summary>
    internal static void RefuseManagedSecrets(Section section, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (section.Find(key) is { } value && value.AsString().Length > 0)
            {
                value.Fault($"{key} needs a secret manager, and none can be configured; use the inline value or the file form");
            }
        }
    }
}
