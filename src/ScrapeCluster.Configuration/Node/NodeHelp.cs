using System.Reflection;
using System.Text;

namespace ScrapeCluster.Configuration.Node;

/// <summary>The texts of <c>--help</c> and <c>--version</c>.</summary>
public static class NodeHelp
{
    /// <summary>The version of the running assemblies without build metadata, e.g. <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        (typeof(NodeHelp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    public static string Text()
    {
        var text = new StringBuilder()
            .AppendLine("usage: ScrapeCluster.Node [<flags>]")
            .AppendLine()
            .AppendLine("Scrapes targets as Prometheus does, stores their samples in Prometheus's format and sends them on.")
            .AppendLine()
            .AppendLine("Flags:");
        foreach (var flag in KnownFlags.Own.Concat(KnownFlags.OfPrometheus))
        {
            if (flag.Help is not null)
            {
                text.AppendLine($"  --{flag.Name + (flag.Kind == FlagKind.Switch ? "" : "=VALUE"),-36} {flag.Help}");
            }
        }

        return text
            .AppendLine()
            .AppendLine("Other flags of Prometheus are accepted with a warning that says what they do here.")
            .AppendLine("Each setting can also be given by an environment variable, e.g. SCRAPECLUSTER_WEB_LISTEN_ADDRESS for scrapecluster.web.listen-address.")
            .ToString();
    }
}
