using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Cluster.Coordination;

/// <summary>Who joins, who is dead. A member that leaves says by itself when it is gone, so that one which keeps serving its history stays. Pure.</summary>
internal static class MemberRulings
{
    public static void Apply(Situation situation, Draft draft)
    {
        foreach (var member in situation.Ledger.Members)
        {
            var isSelf = member.Node == situation.Terms.Node;
            if (member.State == MemberState.Down)
            {
                continue;
            }

            if (!isSelf && situation.Deaths.TryGetValue(member.Node, out var death) && death.Incarnation == member.Incarnation)
            {
                // The event says how many slots it held, which placement knows.
                draft.Change(member, MemberState.Down);
                draft.Died[member.Node] = death.Reason;
            }
            else if (member.State == MemberState.Joining && (isSelf || situation.Reports.HasReported(member)))
            {
                draft.Change(member, MemberState.Up);
                draft.Note("join", member.Node, $"incarnation {member.Incarnation} at {member.Address}{(member.Zone.Length > 0 ? $" in zone {member.Zone}" : "")}");
            }
        }

        draft.Left = situation.Left.Count;
        foreach (var member in situation.Left)
        {
            draft.Note("left", member.Node, $"incarnation {member.Incarnation} went by itself, with {situation.Ledger.Rows.Values.Count(row => row.Owner == member.Node)} slots");
        }
    }
}
