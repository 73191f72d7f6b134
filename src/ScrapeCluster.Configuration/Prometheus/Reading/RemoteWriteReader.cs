using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Reads one entry of <c>remote_write</c>.</summary>
internal static class RemoteWriteReader
{
    private static readonly string[] CloudAuths = ["sigv4", "azuread", "google_iam"];

    public static RemoteWriteConfig Read(Section section, LabelNameRule scheme)
    {
        var config = new RemoteWriteConfig
        {
            Url = ReadUrl(section),
            Name = section.String("name"),
            RemoteTimeout = section.Duration("remote_timeout", RemoteWriteConfig.DefaultRemoteTimeout),
            ProtobufMessage = ReadMessage(section),
            Headers = ReservedHeaders.Read(section),
            WriteRelabelConfigs = RelabelReader.Read(section, "write_relabel_configs", "empty or null relabeling rule in remote write config", scheme),
            SendExemplars = section.Bool("send_exemplars"),
            SendNativeHistograms = section.Bool("send_native_histograms"),
            RoundRobinDns = section.Bool("round_robin_dns"),
            Queue = QueueReader.Read(section.Find("queue_config")),
            Metadata = QueueReader.ReadMetadata(section.Find("metadata_config")),
            HttpClient = HttpClientReader.Read(section, enableHttp2: false),
        };
        config = config with { CloudAuth = ReadCloudAuth(section, config.HttpClient) };
        section.Finish();
        return config;
    }

    private static string ReadUrl(Section section)
    {
        var url = section.String("url");
        if (url.Length == 0)
        {
            section.FaultAt("url", "url for remote_write is empty");
        }
        else if (UrlText.FaultOf(url) is { } fault)
        {
            section.FaultAt("url", fault);
        }
        else if (UrlText.Split(url) is not ("http" or "https", { Length: > 0 }))
        {
            section.Place.Warn($"url: \"{UrlText.Redact(url)}\" has no http:// or https:// with a host, so nothing will be sent");
        }

        return url;
    }

    private static RemoteWriteMessage ReadMessage(Section section)
    {
        if (section.Find("protobuf_message") is not { } value)
        {
            return RemoteWriteMessage.V1;
        }

        switch (value.AsString())
        {
            case "prometheus.WriteRequest":
                return RemoteWriteMessage.V1;
            case "io.prometheus.write.v2.Request":
                return RemoteWriteMessage.V2;
            case var other:
                value.Fault($"invalid protobuf_message value: unknown type for remote write protobuf message {other}, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request");
                return RemoteWriteMessage.V1;
        }
    }

    private static string ReadCloudAuth(Section section, HttpClientConfig client)
    {
        var used = new List<string>();
        foreach (var kind in CloudAuths)
        {
            if (section.Find(kind) is { IsNull: false } value)
            {
                YamlKeys.CheckBelow(value);
                used.Add(kind);
            }
        }

        if (used.Count > 1 || (used.Count == 1 && (client.BasicAuth is not null || client.Authorization is not null || client.OAuth2 is not null)))
        {
            section.Fault("at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured");
        }

        return used.Count == 0 ? "" : used[0];
    }
}
