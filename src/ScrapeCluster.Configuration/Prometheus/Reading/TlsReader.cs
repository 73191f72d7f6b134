namespace ScrapeCluster.Configuration;

/// <summary>Reads a <c>tls_config</c> block.</summary>
internal static class TlsReader
{
    public static TlsConfig Read(YamlValue? value)
    {
        if (value?.AsSection() is not { } section)
        {
            return new();
        }

        var tls = new TlsConfig
        {
            Ca = section.String("ca"),
            CaFile = section.File("ca_file"),
            Cert = section.String("cert"),
            CertFile = section.File("cert_file"),
            Key = section.Secret("key"),
            KeyFile = section.File("key_file"),
            ServerName = section.String("server_name"),
            InsecureSkipVerify = section.Bool("insecure_skip_verify"),
            MinVersion = ReadVersion(section, "min_version"),
            MaxVersion = ReadVersion(section, "max_version"),
        };
        HttpClientReader.RefuseManagedSecrets(section, "ca_ref", "cert_ref", "key_ref");
        Check(section, tls);
        section.Finish();
        return tls;
    }

    private static TlsVersion? ReadVersion(Section section, string key)
    {
        if (section.Find(key) is not { } value)
        {
            return null;
        }

        switch (value.AsString())
        {
            case "":
                return null;
            case "TLS10":
                return TlsVersion.Tls10;
            case "TLS11":
                return TlsVersion.Tls11;
            case "TLS12":
                return TlsVersion.Tls12;
            case "TLS13":
                return TlsVersion.Tls13;
            case var other:
                value.Fault($"unknown TLS version: {other}, must be one of TLS10, TLS11, TLS12, TLS13");
                return null;
        }
    }

    private static void Check(Section section, TlsConfig tls)
    {
        CheckOneOf(section, "ca", tls.Ca.Length > 0, tls.CaFile.Length > 0);
        CheckOneOf(section, "cert", tls.Cert.Length > 0, tls.CertFile.Length > 0);
        CheckOneOf(section, "key", tls.Key is not null, tls.KeyFile.Length > 0);
        var hasCert = tls.Cert.Length > 0 || tls.CertFile.Length > 0;
        var hasKey = tls.Key is not null || tls.KeyFile.Length > 0;
        if (hasCert && !hasKey)
        {
            section.Fault("exactly one of key or key_file must be configured when a client certificate is provided");
        }

        if (hasKey && !hasCert)
        {
            section.Fault("exactly one of cert or cert_file must be configured when a client key is provided");
        }

        if (tls.MaxVersion < tls.MinVersion)
        {
            section.FaultAt("max_version", "tls_config.max_version must be greater than or equal to tls_config.min_version if both are specified");
        }
    }

    private static void CheckOneOf(Section section, string key, bool inline, bool file)
    {
        if (inline && file)
        {
            section.Fault($"at most one of {key} and {key}_file must be configured");
        }
    }
}
