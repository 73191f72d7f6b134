namespace ScrapeCluster.Cluster.Placement;

/// <summary>
/// When load is evened out. A node that came is filled at once. What is uneven otherwise must be so for three rounds, so that a burst moves nothing; then it is
/// evened out until all are even or nothing is left that could be moved. While a node that went is awaited back, only what is very uneven is touched, and another
/// that came is filled without more: what moves now would move once more when it returns.
/// </summary>
public readonly record struct BalanceTrigger(int RoundsUneven, Evening Evens)
{
    public const int RoundsToStart = 3;


    /// <summary>An operator says so.</summary>
    public static readonly BalanceTrigger Now = new(RoundsToStart, Evening.All);

    /// <summary>A node joined: its share is due now.</summary>
    /// <param name="isAwaiting">Another one that went is awaited back.</param>
    public static BalanceTrigger ForNewcomer(bool isAwaiting) => new(0, isAwaiting ? Evening.Fill : Evening.Newcomer);

    public bool IsEvening => Evens != Evening.Nothing;

    /// <param name="isStuck">The round before evened out and found nothing to move.</param>
    /// <param name="isAwaiting">A node that went is awaited back.</param>
    public BalanceTrigger Next(double maxOverAverage, double minOverAverage = 1, bool isStuck = false, bool isAwaiting = false)
    {
        var isUneven = isAwaiting
            ? maxOverAverage > PlacementRules.StartAboveWhileAwaited || minOverAverage < PlacementRules.StartBelowWhileAwaited
            : maxOverAverage > PlacementRules.StartAbove || minOverAverage < PlacementRules.StartBelow;
        var evens = Evens == Evening.Newcomer && isAwaiting ? Evening.Fill : Evens;
        var isDone = evens switch
        {
            Evening.Fill => minOverAverage >= PlacementRules.StartBelow,
            Evening.Newcomer => minOverAverage >= PlacementRules.StartBelow && maxOverAverage <= PlacementRules.StartAbove,
            Evening.All => (maxOverAverage <= PlacementRules.StopAt && minOverAverage >= PlacementRules.StartBelow) || (isAwaiting && !isUneven),
            _ => false,
        };
        if (isStuck && IsEvening)
        {
            return default;
        }

        var rounds = isUneven ? Math.Min((isDone ? 0 : RoundsUneven) + 1, RoundsToStart) : 0;
        return new BalanceTrigger(rounds, rounds == RoundsToStart ? Evening.All : isDone ? Evening.Nothing : evens);
    }
}
