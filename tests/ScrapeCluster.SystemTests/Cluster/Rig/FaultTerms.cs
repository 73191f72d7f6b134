namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>
/// How long faults last and how often they come: full for <c>scripts/faults.sh</c>, short for <c>scripts/faults.sh --short</c> and
/// for every run of the tests.
/// </summary>
internal sealed record FaultTerms
{
    public const string Variable = "SCRAPECLUSTER_FAULTS";

    public static readonly FaultTerms Short = new();

    public static readonly FaultTerms Full = new()
    {
        IsFull = true,
        MemberKills = 7,
        LeaderKills = 3,
        Pause = TimeSpan.FromSeconds(60),
        DatabaseDown = TimeSpan.FromSeconds(60),
        Cut = TimeSpan.FromSeconds(60),
        PhaseScrapes = 20,
        PlanInterval = TimeSpan.FromSeconds(5),
    };

    public static FaultTerms Current => Environment.GetEnvironmentVariable(Variable) == "full" ? Full : Short;

    public bool IsFull { get; init; }

    /// <summary>Skips, in the short run, a scenario that resembles others which are in it.</summary>
    public void RequireFull() => Assert.SkipUnless(IsFull, "scripts/faults.sh runs it; others like it run here");

    /// <summary>Skips, in the full run, a scenario that is made of several which it has one by one.</summary>
    public void RequireShort() => Assert.SkipWhen(IsFull, "its parts run one by one here");

    /// <summary>Faults that touch different targets and whose verdicts stay apart: one after the other, in the short run all at once.</summary>
    public T[][] Together<T>(params T[] faults) => IsFull ? [.. faults.Select(fault => new[] { fault })] : [faults];

    public int MemberKills { get; init; } = 1;

    public int LeaderKills { get; init; } = 1;

    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(6);

    public TimeSpan DatabaseDown { get; init; } = TimeSpan.FromSeconds(6);

    public TimeSpan Cut { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Scrapes whose median is a phase.</summary>
    public int PhaseScrapes { get; init; } = 5;

    /// <summary><c>scrapecluster.cluster.plan-interval</c> of the nodes; the full run has the default.</summary>
    public TimeSpan PlanInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>scrapecluster.cluster.await-back</c> of the nodes: a restart takes some seconds here.</summary>
    public TimeSpan AwaitBack { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Load must be uneven in three rounds before anything moves; when it is even and nothing was planned for longer, nothing will be.</summary>
    public TimeSpan Quiet => (3 * PlanInterval) + TimeSpan.FromMilliseconds(500);
}
