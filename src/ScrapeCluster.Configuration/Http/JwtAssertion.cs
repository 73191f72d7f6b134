using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ScrapeCluster.Configuration.Http;

/// <summary>The signed JWT that stands in for a secret in the grant of RFC 7523, section 2.1, with the claims that Prometheus puts into it.</summary>
internal static class JwtAssertion
{
    public const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <param name="key">An RSA key in PEM form.</param>
    public static bool TrySign(
        OAuth2Config config, string key, DateTimeOffset now, [NotNullWhen(true)] out string? token, [NotNullWhen(false)] out string? fault)
    {
        token = null;
        fault = null;
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(key);
            var signed = $"{Base64Url.EncodeToString(Json(json => WriteHeader(json, config)))}.{Base64Url.EncodeToString(Json(json => WriteClaims(json, config, now)))}";
            var signature = rsa.SignData(Encoding.ASCII.GetBytes(signed), HashOf(config), RSASignaturePadding.Pkcs1);
            token = $"{signed}.{Base64Url.EncodeToString(signature)}";
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            fault = $"oauth2: unable to use client_certificate_key{(config.ClientCertificateKeyFile.Length > 0 ? $"_file {config.ClientCertificateKeyFile}" : "")}: {e.Message}";
            return false;
        }
    }

    private static HashAlgorithmName HashOf(OAuth2Config config) => config.SignatureAlgorithm switch
    {
        "RS384" => HashAlgorithmName.SHA384,
        "RS512" => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    };

    private static ReadOnlySpan<byte> Json(Action<Utf8JsonWriter> write)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return text.WrittenSpan;
    }

    private static void WriteHeader(Utf8JsonWriter json, OAuth2Config config)
    {
        json.WriteString("alg", config.SignatureAlgorithm.Length > 0 ? config.SignatureAlgorithm : "RS256");
        if (config.ClientCertificateKeyId.Length > 0)
        {
            json.WriteString("kid", config.ClientCertificateKeyId);
        }

        json.WriteString("typ", "JWT");
    }

    private static void WriteClaims(Utf8JsonWriter json, OAuth2Config config, DateTimeOffset now)
    {
        var own = config.ClaimsYaml.Length > 0 && YamlTree.Read(config.ClaimsYaml).Root is YamlMapping mapping ? mapping.Entries : [];
        var overridden = own.Select(static entry => (entry.Key as YamlScalar)?.Text).ToHashSet(StringComparer.Ordinal);
        Text("iss", config.Issuer.Length > 0 ? config.Issuer : config.ClientId);
        Text("sub", config.ClientId);
        Text("jti", Guid.NewGuid().ToString());
        Text("aud", config.Audience.Length > 0 ? config.Audience : config.TokenUrl);
        Number("iat", now);
        Number("exp", now + Lifetime);
        if (config.Scopes.Count > 0)
        {
            Text("scope", string.Join(' ', config.Scopes));
        }

        foreach (var (key, value) in own)
        {
            json.WritePropertyName((key as YamlScalar)?.Text ?? "");
            Write(json, value);
        }

        void Text(string name, string value)
        {
            if (!overridden.Contains(name))
            {
                json.WriteString(name, value);
            }
        }

        void Number(string name, DateTimeOffset value)
        {
            if (!overridden.Contains(name))
            {
                json.WriteNumber(name, value.ToUnixTimeSeconds());
            }
        }
    }

    private static void Write(Utf8JsonWriter json, YamlNode node)
    {
        switch (node)
        {
            case YamlMapping mapping:
                json.WriteStartObject();
                foreach (var (key, value) in mapping.Entries)
                {
                    json.WritePropertyName((key as YamlScalar)?.Text ?? "");
                    Write(json, value);
                }

                json.WriteEndObject();
                break;
            case YamlSequence sequence:
                json.WriteStartArray();
                sequence.Items.ForEach(item => Write(json, item));
                json.WriteEndArray();
                break;
            case YamlScalar scalar:
                Write(json, scalar);
                break;
        }
    }

    private static void Write(Utf8JsonWriter json, YamlScalar scalar)
    {
        if (scalar.IsNull)
        {
            json.WriteNullValue();
        }
        else if (scalar.TryGetBool(out var flag))
        {
            json.WriteBooleanValue(flag);
        }
        else if (scalar.TryGetInteger(out var whole))
        {
            json.WriteNumberValue(whole);
        }
        else if (scalar.TryGetFloat(out var number) && double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(scalar.Text);
        }
    }
}
