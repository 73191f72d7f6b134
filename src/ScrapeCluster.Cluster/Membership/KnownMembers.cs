using System.Collections.Immutable;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// Members and pins as this node holds them: read whole once, then by change. What heartbeats say (load, age, what was applied) is as old as the member's row
/// here unless all were asked for, as the leader does each time. Pure.
/// </summary>
internal sealed class KnownMembers
{
    private ImmutableSortedDictionary<string, Member> _members = Empty;

    private static ImmutableSortedDictionary<string, Member> Empty => ImmutableSortedDictionary.Create<string, Member>(StringComparer.Ordinal);

    /// <summary>By name.</summary>
    public IReadOnlyList<Member> Members { get; private set; } = [];

    public IReadOnlyList<Pin> Pins { get; private set; } = [];

    /// <summary>Null: all are to be read.</summary>
    public long? Version { get; private set; }

    /// <summary>What is held is believed no more, and kept until all were read.</summary>
    public void Doubt() => Version = null;

    /// <param name="after">What it was asked for.</param>
    public void Accept(ClusterView view, long? after)
    {
        if (view.RosterVersion < after)
        {
            // The store went back, so that its newer rows are not all that differ.
            Doubt();
            return;
        }

        if (view.RosterVersion == after)
        {
            return;
        }

        _members = (after is null ? Empty : _members).SetItems(view.Members.Select(member => KeyValuePair.Create(member.Node, member)));
        Members = [.. _members.Values];
        Pins = view.Pins;
        Version = view.RosterVersion;
    }
}
