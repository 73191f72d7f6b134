using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>A job as the manager runs it: configuration, compiled rules, and the picture for the board.</summary>
/// <param name="Template">Null when the job failed before it ever ran.</param>
internal sealed record ManagedJob(ScrapeConfig Config, TargetTemplate? Template, JobSnapshot Snapshot)
{
    // Each is shown with its reason; more of them say nothing new.
    private const int InvalidTargetsShown = 100;

    public static bool TryCompile(ScrapeConfig config, [NotNullWhen(true)] out ManagedJob? job, [NotNullWhen(false)] out string? fault)
    {
        job = null;
        var rules = new List<RelabelRule>(config.RelabelConfigs.Count);
        foreach (var written in config.RelabelConfigs)
        {
            if (!RelabelRule.TryCompile(written, out var rule, out fault))
            {
                fault = $"relabel_configs: {fault}";
                return false;
            }

            rules.Add(rule);
        }

        fault = null;
        job = new ManagedJob(config, MakeTemplate(config, rules), JobSnapshot.Empty(config.JobName));
        return true;
    }

    public static ManagedJob Failed(ScrapeConfig config, string fault) => new(config, null, JobSnapshot.Empty(config.JobName) with { Failure = fault });

    /// <summary>Active targets, each once, and what became of the others.</summary>
    public (IReadOnlyList<ScrapeTarget> Targets, JobSnapshot Snapshot) BuildTargets(IReadOnlyList<TargetGroup> groups)
    {
        var active = new Dictionary<ulong, ScrapeTarget>();
        var dropped = new List<Labels>();
        var droppedCount = 0;
        var invalid = new List<InvalidTarget>();
        foreach (var outcome in groups.SelectMany(group => TargetBuilder.BuildGroup(Template!, group)))
        {
            switch (outcome)
            {
                case TargetOutcome.Active { Target: var target }:
                    active.TryAdd(target.Hash, target);
                    break;
                case TargetOutcome.Dropped { DiscoveredLabels: var labels }:
                    droppedCount++;
                    if (Config.KeepDroppedTargets == 0 || dropped.Count < Config.KeepDroppedTargets)
                    {
                        dropped.Add(labels);
                    }

                    break;
                case TargetOutcome.Invalid { Reason: var reason, DiscoveredLabels: var labels }:
                    if (invalid.Count < InvalidTargetsShown)
                    {
                        invalid.Add(new InvalidTarget(labels, reason));
                    }

                    break;
            }
        }

        return ([.. active.Values], new JobSnapshot(Config.JobName, groups, active.Count, dropped, droppedCount, invalid, null));
    }

    private static TargetTemplate MakeTemplate(ScrapeConfig config, IReadOnlyList<RelabelRule> rules)
    {
        return new TargetTemplate
        {
            JobName = config.JobName,
            ScrapeInterval = PromDuration.Format(config.ScrapeInterval),
            ScrapeTimeout = PromDuration.Format(config.ScrapeTimeout),
            MetricsPath = config.MetricsPath,
            Scheme = config.Scheme,
            Params = [.. config.Params.Select(static param => KeyValuePair.Create(param.Name, (IReadOnlyList<string>)param.Values))],
            RelabelRules = rules,
            ConvertClassicHistogramsToNhcb = config.ConvertClassicHistogramsToNhcb,
            AlwaysScrapeClassicHistograms = config.AlwaysScrapeClassicHistograms,
            ScrapeNativeHistograms = config.ScrapeNativeHistograms,
        };
    }
}
