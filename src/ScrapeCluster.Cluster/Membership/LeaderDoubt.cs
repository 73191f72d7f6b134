namespace ScrapeCluster.Cluster.Membership;

/// <summary>
/// What a member counts of its leader's silence while the lease runs out, so that whoever takes it need not begin to count then. The lease that is not renewed
/// is only the reason to ask. Pure.
/// </summary>
/// <param name="Epoch">Under which it leads.</param>
/// <param name="Missed">Probes in a row, a second each, that it has not answered.</param>
internal sealed record LeaderDoubt(string Node, string Address, long Incarnation, long Epoch, int Missed)
{
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(300);

    /// <summary>A leader renews once in <see cref="LeaseTerms.Renewal"/>, and should have by now.</summary>
    public static bool IsDue(TimeSpan? leaseEndsIn, LeaseTerms terms) => leaseEndsIn <= terms.TimeToLive - terms.Renewal - Slack;

    /// <param name="isSick">This node: what it did not hear is no sign.</param>
    public LeaderDoubt After(bool hasAnswered, bool isSick) => this with { Missed = hasAnswered || isSick ? 0 : Missed + 1 };
}
