namespace ScrapeCluster.Configuration;

/// <summary>Writes HTTP client settings inline.</summary>
internal static class HttpClientYaml
{
    public static void Write(YamlWriter writer, HttpClientConfig client)
    {
        if (client.BasicAuth is { } basic)
        {
            writer.Map("basic_auth", () =>
            {
                writer.Field("username", basic.Username);
                writer.Field("username_file", basic.UsernameFile);
                writer.Field("password", basic.Password);
                writer.Field("password_file", basic.PasswordFile);
            });
        }

        if (client.Authorization is { } authorization)
        {
            writer.Map("authorization", () =>
            {
                writer.Field("type", authorization.Type);
                writer.Field("credentials", authorization.Credentials);
                writer.Field("credentials_file", authorization.CredentialsFile);
            });
        }

        if (client.OAuth2 is { } oauth2)
        {
            writer.Map("oauth2", () => WriteOAuth2(writer, oauth2));
        }

        WriteTls(writer, client.Tls);
        WriteProxy(writer, client.Proxy);
        writer.Always("follow_redirects", client.FollowRedirects);
        writer.Always("enable_http2", client.EnableHttp2);
        WriteHeaders(writer, client.HttpHeaders);
    }

    private static void WriteOAuth2(YamlWriter writer, OAuth2Config oauth2)
    {
        writer.Field("client_id", oauth2.ClientId);
        writer.Field("client_secret", oauth2.ClientSecret);
        writer.Field("client_secret_file", oauth2.ClientSecretFile);
        writer.Field("client_certificate_key_id", oauth2.ClientCertificateKeyId);
        writer.Field("client_certificate_key", oauth2.ClientCertificateKey);
        writer.Field("client_certificate_key_file", oauth2.ClientCertificateKeyFile);
        writer.Field("grant_type", oauth2.GrantType);
        writer.Field("signature_algorithm", oauth2.SignatureAlgorithm);
        writer.Field("iss", oauth2.Issuer);
        writer.Field("audience", oauth2.Audience);
        if (oauth2.ClaimsYaml.Length > 0)
        {
            writer.Plain("claims");
            YamlText.Write(writer, YamlTree.Read(oauth2.ClaimsYaml).Root!, maskSecrets: true);
        }

        writer.Texts("scopes", oauth2.Scopes);
        writer.Field("token_url", UrlText.Redact(oauth2.TokenUrl));
        if (oauth2.EndpointParams.Count > 0)
        {
            writer.Map("endpoint_params", () =>
            {
                foreach (var (name, values) in oauth2.EndpointParams)
                {
                    writer.Always(name, values[0]);
                }
            });
        }

        WriteTls(writer, oauth2.Tls);
        WriteProxy(writer, oauth2.Proxy);
    }

    private static void WriteTls(YamlWriter writer, TlsConfig tls)
    {
        if (tls == new TlsConfig())
        {
            return;
        }

        writer.Map("tls_config", () =>
        {
            writer.Field("ca", tls.Ca);
            writer.Field("cert", tls.Cert);
            writer.Field("key", tls.Key);
            writer.Field("ca_file", tls.CaFile);
            writer.Field("cert_file", tls.CertFile);
            writer.Field("key_file", tls.KeyFile);
            writer.Field("server_name", tls.ServerName);
            writer.Always("insecure_skip_verify", tls.InsecureSkipVerify);
            writer.Field("min_version", tls.MinVersion?.ToString().ToUpperInvariant() ?? "");
            writer.Field("max_version", tls.MaxVersion?.ToString().ToUpperInvariant() ?? "");
        });
    }

    private static void WriteProxy(YamlWriter writer, ProxyConfig proxy)
    {
        writer.Field("proxy_url", UrlText.Redact(proxy.ProxyUrl));
        writer.Field("no_proxy", proxy.NoProxy);
        writer.Field("proxy_from_environment", proxy.ProxyFromEnvironment);
        if (proxy.ConnectHeaders.Count > 0)
        {
            writer.Map("proxy_connect_header", () =>
            {
                foreach (var (name, values) in proxy.ConnectHeaders)
                {
                    writer.Text(name);
                    writer.List(values, secret => writer.Text(secret.ToString()));
                }
            });
        }
    }

    private static void WriteHeaders(YamlWriter writer, ValueList<HttpHeaderConfig> headers)
    {
        if (headers.Count > 0)
        {
            writer.Map("http_headers", () =>
            {
                foreach (var header in headers)
                {
                    writer.Text(header.Name);
                    writer.Map(() =>
                    {
                        writer.Texts("values", header.Values);
                        writer.Secrets("secrets", header.Secrets);
                        writer.Texts("files", header.Files);
                    });
                }
            });
        }
    }
}
