namespace ScrapeCluster.Configuration;

/// <summary>Writes nodes of a file again, with aliases and merge keys applied and, when asked, secrets masked.</summary>
internal static class YamlText
{
    /// <summary>The keys whose values are secrets in some section or discovery kind of Prometheus.</summary>
    private static readonly HashSet<string> SecretKeys = new(StringComparer.Ordinal)
    {
        "password", "credentials", "bearer_token", "client_secret", "client_certificate_key", "key", "secrets", "token", "secret_key", "auth_token",
        "application_secret", "consumer_key", "application_credential_secret", "key_passphrase", "service_account_key", "private_key",
        "proxy_connect_header",
    };

    private static readonly HashSet<string> UrlKeys = new(StringComparer.Ordinal) { "url", "proxy_url", "token_url", "server", "api_server", "endpoint" };

    public static string Write(YamlNode node, bool maskSecrets)
    {
        var writer = new YamlWriter();
        Write(writer, node, maskSecrets);
        return writer.Finish();
    }

    public static void Write(YamlWriter writer, YamlNode node, bool maskSecrets)
    {
        switch (node)
        {
            case YamlMapping mapping:
                writer.Map(() => WriteEntries(writer, mapping, maskSecrets));
                break;
            case YamlSequence sequence:
                writer.List(sequence.Items, item => Write(writer, item, maskSecrets));
                break;
            case YamlScalar { IsNull: true }:
                writer.Plain("null");
                break;
            case YamlScalar { IsPlain: true } scalar:
                writer.Plain(scalar.Text);
                break;
            case YamlScalar scalar:
                writer.Text(scalar.Text);
                break;
        }
    }

    private static void WriteEntries(YamlWriter writer, YamlMapping mapping, bool maskSecrets)
    {
        foreach (var (_, name, value) in YamlKeys.Merged(mapping))
        {
            writer.Text(name);
            if (maskSecrets && SecretKeys.Contains(name) && value is not YamlScalar { IsNull: true })
            {
                WriteMasked(writer, value);
            }
            else if (maskSecrets && UrlKeys.Contains(name) && value is YamlScalar url)
            {
                writer.Text(UrlText.Redact(url.Text));
            }
            else
            {
                Write(writer, value, maskSecrets);
            }
        }
    }

    /// <summary>Masks every scalar below: headers and lists of secrets have some depth.</summary>
    private static void WriteMasked(YamlWriter writer, YamlNode node)
    {
        switch (node)
        {
            case YamlMapping mapping:
                writer.Map(() =>
                {
                    foreach (var (_, name, value) in YamlKeys.Merged(mapping))
                    {
                        writer.Text(name);
                        WriteMasked(writer, value);
                    }
                });
                break;
            case YamlSequence sequence:
                writer.List(sequence.Items, item => WriteMasked(writer, item));
                break;
            default:
                writer.Text(Secret.Mask);
                break;
        }
    }
}
