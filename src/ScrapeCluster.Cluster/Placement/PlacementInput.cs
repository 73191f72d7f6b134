using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Placement;

/// <param name="Zone">Empty: not labelled.</param>
/// <param name="Capacity">Load that it takes at most; 0 = not limited.</param>
/// <param name="TakesMore">Up and not cordoned.</param>
/// <param name="IsLeaving">Must be emptied.</param>
public sealed record PlacementNode(string Name, string Zone = "", double Capacity = 0, bool TakesMore = true, bool IsLeaving = false);

/// <param name="Load">Samples per second, measured or estimated (<see cref="LoadModel"/>).</param>
/// <param name="Pin">The node an operator wants slot 0 on.</param>
/// <param name="IsQuarantined">It killed two owners in a row: placed nowhere until somebody looks at it.</param>
public sealed record PlacementBucket(BucketKey Key, double Load, string? Pin = null, bool IsQuarantined = false);

/// <param name="Replicas">Slots of each bucket.</param>
/// <param name="Evens">What load to even out, beside placing what has no place (<see cref="BalanceTrigger"/>).</param>
/// <param name="MoveBudget">Corrective moves of one round at most.</param>
public sealed record PlacementRules(int Replicas = 1, Evening Evens = Evening.Nothing, int MoveBudget = int.MaxValue)
{
    /// <summary>Corrective moves begin when a node is above this share of the average.</summary>
    public const double StartAbove = 1.05;

    /// <summary>Where a node that went is awaited back: a fifth more for its time away is less trouble than moves that its return undoes.</summary>
    public const double StartAboveWhileAwaited = 1.25;

    /// <summary>They end, and new places are looked for, at this one.</summary>
    public const double StopAt = 1.02;

    /// <summary>A node that could take more and has less than this share is given some.</summary>
    public const double StartBelow = 0.95;

    public const double StartBelowWhileAwaited = 0.75;

    /// <summary>A plan that leaves nobody beyond these is even: short of where corrections begin, since loads are never quite what was planned with.</summary>
    public const double EvenBelow = 1.04;
    public const double EvenAbove = 0.96;

    /// <summary>So far it is filled, and so far others are emptied for it.</summary>
    public const double FillTo = 0.98;
}

/// <param name="Current">Where each slot is now; its node need not exist any more.</param>
public sealed record PlacementInput(
    IReadOnlyList<PlacementNode> Nodes,
    IReadOnlyList<PlacementBucket> Buckets,
    IReadOnlyDictionary<SlotKey, string> Current,
    PlacementRules Rules)
{
    /// <summary>Nodes that hold the series lines of a slot, preferred for a take-over.</summary>
    public IReadOnlyDictionary<SlotKey, string> Heirs { get; init; } = new Dictionary<SlotKey, string>();

    /// <summary>Nodes that a slot was taken over from, preferred for it once they are back: they have its history.</summary>
    public IReadOnlyDictionary<SlotKey, string> Homes { get; init; } = new Dictionary<SlotKey, string>();
}

/// <summary>How much of the load that lies unevenly is moved.</summary>
public enum Evening
{
    Nothing,

    /// <summary>Nodes that have little are filled; between the others nothing moves.</summary>
    Fill,

    /// <summary>And where that leaves a node with much, all is evened out by the same plan: a later one would move some of it twice.</summary>
    Newcomer,

    /// <summary>And nodes that have much are relieved.</summary>
    All,
}

public enum MoveReason
{
    New,
    Orphaned,
    Leaving,
    Pinned,
    Balance,
}

/// <param name="From">Empty for a slot that nobody has.</param>
public sealed record SlotMove(SlotKey Slot, string From, string To, MoveReason Reason, double Load);

public sealed record UnplacedSlot(SlotKey Slot, string Reason);

/// <summary>What to change; every slot that is not named stays where it is.</summary>
/// <param name="Loads">By node, after the moves.</param>
public sealed record PlacementPlan(
    IReadOnlyList<SlotMove> Moves, IReadOnlyList<UnplacedSlot> Unplaced, IReadOnlyDictionary<string, double> Loads, double Average)
{
    /// <summary>1 = perfectly even; 0 without load.</summary>
    public double MaxOverAverage => Average > 0 ? Loads.Values.DefaultIfEmpty(0).Max() / Average : 0;

    /// <summary>Of the least loaded node that could take its share; 1 without one.</summary>
    public double MinOverAverage { get; init; } = 1;

    /// <summary>Nodes from which moves wait, with the reason; told where a plan is described.</summary>
    public IReadOnlyDictionary<string, string> HeldBack { get; init; } = new Dictionary<string, string>();
}
