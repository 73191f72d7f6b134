using ScrapeCluster.Cluster.Coordination;
using ScrapeCluster.Cluster.Placement;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Clustering;

namespace ScrapeCluster.Tests.Node;

public sealed class PlanAnswersTests
{
    private static readonly PlacementPlan Plan = new([Move("would")], [], new Dictionary<string, double>(), 0);

    private readonly List<object> _asked = [];

    [Fact]
    public async Task Plan_IsTheCoordinatorsDescription()
    {
        Assert.Same(Plan, await Answers(Described()).PlanAsync(default));

        Assert.IsType<DescribePlan>(Assert.Single(_asked));
    }

    [Fact]
    public async Task Rebalance_TellsTheMovesThatHaveBegun()
    {
        var plan = await Answers(Described(), new RebalanceBegun([Move("does")])).RebalanceAsync(default);

        Assert.Equal("does", Assert.Single(plan.Moves).To);
        Assert.IsType<RebalanceNow>(_asked[1]);
    }

    [Fact]
    public async Task CoordinatorWithoutAPlan_IsARefusalInItsWords()
    {
        var answers = Answers(new NoPlanYet("the leader is still reading the store"));

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => answers.PlanAsync(default));

        Assert.Equal("the leader is still reading the store", refusal.Message);
    }

    [Fact]
    public async Task CoordinatorThatIsGone_IsARefusal()
    {
        var answers = new PlanAnswers((_, _) => Task.FromException<object>(new AskTimeoutException("coordinator")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => answers.RebalanceAsync(default));
    }

    private static SlotMove Move(string to) => new(new SlotKey(new BucketKey("job", 0), 0), "from", to, MoveReason.Balance, 1);

    private static PlanDescribed Described() => new(Plan, new Dictionary<BucketKey, double>(), [], 0, new Dictionary<BucketKey, string>());

    private PlanAnswers Answers(params object[] answers)
    {
        var next = new Queue<object>(answers);
        return new PlanAnswers((question, _) =>
        {
            _asked.Add(question);
            return Task.FromResult(next.Dequeue());
        });
    }
}
