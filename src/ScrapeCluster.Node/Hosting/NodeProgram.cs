using System.Runtime.InteropServices;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Node.Reload;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// The process: reads its settings, runs one node until it is told to stop. Exit codes: 0 stopped in order, 1 could not start or had to
/// give up, 2 unusable flags, settings or configuration.
/// </summary>
internal static class NodeProgram
{
    private const int Done = 0;
    private const int Failed = 1;
    private const int Unusable = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        // 1. Settings: every fault is said before the process ends.
        var start = NodeConfiguration.Load(args);
        if (start.Flags.IsHelp || start.Flags.IsVersion)
        {
            Console.Write(start.Flags.IsHelp ? NodeHelp.Text() : $"scrapecluster, version {BuildInfo.Version} (revision {BuildInfo.Revision}, {BuildInfo.Runtime})\n");
            return Done;
        }

        if (start.Faults.Count > 0)
        {
            return Refuse(start.Faults);
        }

        if (ClusterWiring.FaultsOf(start.Settings.Cluster).ToList() is { Count: > 0 } clusterFaults)
        {
            return Refuse(clusterFaults);
        }

        // 2. Configuration: the same. A node of a cluster may run on the cluster's, whatever its own files say.
        var loader = new ConfigLoader(start.Settings);
        var (config, error) = loader.Load();
        if (config is null && start.Settings.Cluster.Database is null)
        {
            return Refuse([error!]);
        }

        // 3. The node, until a signal.
        var time = TimeProvider.System;
        using var loggers = NodeLogging.Create(start.Settings.Log, time);
        var log = loggers.CreateLogger<NodeHost>();
        foreach (var warning in start.Warnings)
        {
            log.FlagWarning(warning);
        }

        await using var node = new NodeHost(start, config ?? PrometheusConfig.Empty, loader, loggers, time);
        if (await node.TryStartAsync() is { } failure)
        {
            log.CannotStart(failure);
            return Failed;
        }

        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = node.ReloadAsync();
        });
        await node.RunUntilStoppedAsync();
        return Done;
    }

    private static int Refuse(IEnumerable<string> faults)
    {
        foreach (var fault in faults)
        {
            Console.Error.WriteLine($"error: {fault}");
        }

        return Unusable;
    }
}
