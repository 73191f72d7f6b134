using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>
/// Nodes that went and may be back soon: most that go are restarted. What was taken over from them is their home's for as long as it moved nowhere else. Pure, and
/// from the rows alone, so that it survives a change of leader, such as the restart of the leader itself.
/// </summary>
internal static class Absences
{
    /// <summary>A node is gone since less than <see cref="ClusterTerms.AwaitBack"/>, or is going.</summary>
    public static bool IsAwaiting(IEnumerable<Assignment> rows, Func<string, MemberState> stateOf, TimeSpan awaitBack, DateTimeOffset now)
    {
        var states = new Dictionary<string, MemberState>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (HomeOf(row) is { } home && now - row.EffectiveAt < awaitBack)
            {
                if (!states.TryGetValue(home, out var state))
                {
                    states.Add(home, state = stateOf(home));
                }

                if (state is MemberState.Leaving or MemberState.Down)
                {
                    return true;
                }
            }
        }

        return false;
    }

    public static Dictionary<SlotKey, string> HomesOf(IEnumerable<Assignment> rows)
    {
        var homes = new Dictionary<SlotKey, string>();
        foreach (var row in rows)
        {
            if (HomeOf(row) is { } home)
            {
                homes.Add(row.Slot, home);
            }
        }

        return homes;
    }

    private static string? HomeOf(Assignment row) => row is { Owner.Length: > 0, Previous.Length: > 0 } && RowReasons.IsTakenOver(row.Reason) ? row.Previous : null;
}
