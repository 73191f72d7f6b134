using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.RemoteWrite.Following;

namespace ScrapeCluster.RemoteWrite;

/// <summary>A block whose rules are compiled and whose files are read: what can still fail now is only sending.</summary>
internal sealed record PreparedQueue(RemoteWriteSpec Spec, IWriteClient Client, SentSeries Series)
{
    /// <param name="format">What a queue with the same settings sends by now; null for another queue.</param>
    public static bool TryCreate(
        RemoteWriteSpec spec,
        RemoteWriteOptions options,
        TimeProvider time,
        [NotNullWhen(true)] out PreparedQueue? queue,
        [NotNullWhen(false)] out string? fault,
        WireFormat? format = null)
    {
        queue = null;
        fault = Unsupported(spec.Config);
        if (fault is not null || !TryCompile(spec.Config, out var rules, out fault)
            || !HttpWriteClient.TryCreate(spec.Config, format ?? Format(spec.Config, options, time), options.UserAgent, time, out var client, out fault))
        {
            return false;
        }

        queue = new PreparedQueue(spec, client, new SentSeries(spec.ExternalLabels, rules, client.Format.NeedsSymbols, options.Replicas?.NewSeries()));
        return true;
    }

    /// <summary>2.0 has its metadata with the series, whatever <c>metadata_config</c> says: that is for 1.0, as in Prometheus.</summary>
    private static WireFormat Format(RemoteWriteConfig config, RemoteWriteOptions options, TimeProvider time)
    {
        var families = config.ProtobufMessage == RemoteWriteMessage.V2 && options.Metadata is { } source
            ? new FamilyTable(source, config.Metadata.SendInterval, time)
            : null;
        return new WireFormat(config.ProtobufMessage, options.FallsBackToV1, families);
    }

    private static string? Unsupported(RemoteWriteConfig config)
    {
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
