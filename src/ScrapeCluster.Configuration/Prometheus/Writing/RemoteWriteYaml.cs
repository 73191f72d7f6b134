namespace ScrapeCluster.Configuration;

/// <summary>Writes one receiver of <c>remote_write</c>.</summary>
internal static class RemoteWriteYaml
{
    public static void Write(YamlWriter writer, RemoteWriteConfig receiver)
    {
        writer.Always("url", UrlText.Redact(receiver.Url));
        writer.Field("remote_timeout", receiver.RemoteTimeout);
        WriteHeaders(writer, receiver.Headers);
        JobYaml.WriteRelabelling(writer, "write_relabel_configs", receiver.WriteRelabelConfigs);
        writer.Field("name", receiver.Name);
        writer.Field("send_exemplars", receiver.SendExemplars);
        writer.Field("send_native_histograms", receiver.SendNativeHistograms);
        writer.Field("round_robin_dns", receiver.RoundRobinDns);
        var isV2 = receiver.ProtobufMessage == RemoteWriteMessage.V2;
        writer.Always("protobuf_message", isV2 ? "io.prometheus.write.v2.Request" : "prometheus.WriteRequest");
        HttpClientYaml.Write(writer, receiver.HttpClient);
        writer.Map("queue_config", () => WriteQueue(writer, receiver.Queue));
        writer.Map("metadata_config", () =>
        {
            writer.Always("send", receiver.Metadata.Send);
            writer.Field("send_interval", receiver.Metadata.SendInterval);
            writer.Field("max_samples_per_send", receiver.Metadata.MaxSamplesPerSend);
        });
    }

    private static void WriteHeaders(YamlWriter writer, ValueList<RemoteWriteHeader> headers)
    {
        if (headers.Count > 0)
        {
            writer.Map("headers", () =>
            {
                foreach (var (name, value) in headers)
                {
                    writer.Always(name, value);
                }
            });
        }
    }

    private static void WriteQueue(YamlWriter writer, QueueConfig queue)
    {
        writer.Field("capacity", queue.Capacity);
        writer.Field("max_shards", queue.MaxShards);
        writer.Field("min_shards", queue.MinShards);
        writer.Field("max_samples_per_send", queue.MaxSamplesPerSend);
        writer.Field("batch_send_deadline", queue.BatchSendDeadline);
        writer.Field("min_backoff", queue.MinBackoff);
        writer.Field("max_backoff", queue.MaxBackoff);
        writer.Field("retry_on_http_429", queue.RetryOnHttp429);
        writer.Field("sample_age_limit", queue.SampleAgeLimit);
    }
}
