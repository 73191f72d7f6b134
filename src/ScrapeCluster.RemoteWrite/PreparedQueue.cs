using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Following;

namespace ScrapeCluster.RemoteWrite;

/// <summary>A block whose rules are compiled and whose files are read: what can still fail now is only sending.</summary>
internal sealed record PreparedQueue(RemoteWriteSpec Spec, IWriteClient Client, SentSeries Series)
{
    public static bool TryCreate(
        RemoteWriteSpec spec, string userAgent, TimeProvider time, [NotNullWhen(true)] out PreparedQueue? queue, [NotNullWhen(false)] out string? fault)
    {
        queue = null;
        fault = Unsupported(spec.Config);
        if (fault is not null || !TryCompile(spec.Config, out var rules, out fault)
            || !HttpWriteClient.TryCreate(spec.Config, userAgent, time, out var client, out fault))
        {
            return false;
        }

        queue = new PreparedQueue(spec, client, new SentSeries(spec.ExternalLabels, rules));
        return true;
    }

    private static string? Unsupported(RemoteWriteConfig config)
    {
        if (config.ProtobufMessage != RemoteWriteMessage.V1)
        {
            return "protobuf_message io.prometheus.write.v2.Request is not supported by this version: use prometheus.WriteRequest";
        }

        return config.CloudAuth.Length > 0 ? $"{config.CloudAuth} is not supported by this version: use basic_auth or authorization" : null;
    }

    private static bool TryCompile(RemoteWriteConfig config, out List<RelabelRule> rules, [NotNullWhen(false)] out string? fault)
    {
        rules = [];
        foreach (var relabelling in config.WriteRelabelConfigs)
        {
            if (!RelabelRule.TryCompile(relabelling, out var rule, out fault))
            {
                fault = $"write_relabel_configs: {fault}";
                return false;
            }

            rules.Add(rule);
        }

        fault = null;
        return true;
    }
}
