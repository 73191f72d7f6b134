using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Discovery;

/// <summary>One distinct discovery entry: its actor, and the groups it found last, which outlive a restart of the actor.</summary>
internal sealed class Provider(SdConfig config)
{
    private readonly OrderedDictionary<string, TargetGroup> _groups = new(StringComparer.Ordinal);

    public SdConfig Config { get; } = config;

    /// <summary>Nobody for a kind that is not built yet; such an entry finds nothing.</summary>
    public IActorRef Actor { get; init; } = ActorRefs.Nobody;

    /// <summary>Has said something, be it that it failed.</summary>
    public bool HasAnswered { get; set; }

    /// <summary>Has seen all of its source once.</summary>
    public bool HasSeenAll { get; set; }

    public IEnumerable<TargetGroup> Groups => _groups.Values;

    /// <summary>Whether anything is different afterwards.</summary>
    public bool Merge(ProviderUpdate update)
    {
        var changed = false;
        foreach (var group in update.Groups)
        {
            if (group.Targets.Count == 0)
            {
                changed |= _groups.Remove(group.Source);
            }
            else if (!_groups.TryGetValue(group.Source, out var present) || !IsSame(present, group))
            {
                _groups[group.Source] = group;
                changed = true;
            }
        }

        return changed;
    }

    private static bool IsSame(TargetGroup left, TargetGroup right) =>
        left.Labels.Equals(right.Labels) && left.Targets.SequenceEqual(right.Targets);
}
