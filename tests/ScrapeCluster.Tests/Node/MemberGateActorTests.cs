using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node;

public sealed class MemberGateActorTests : TestKit
{
    private readonly List<bool> _told = [];

    [Fact]
    public void Member_IsWhoJoinedOrGoesOnWithWhatItHad_UntilItsPlaceIsOver()
    {
        var gate = Sys.ActorOf(MemberGateActor.Props(_told.Add));
        Barrier(gate);

        Sys.EventStream.Publish(new ClusterNews.Restored(1, [], []));
        Sys.EventStream.Publish(new ClusterNews.Joined(1));
        Sys.EventStream.Publish(new ClusterNews.MemberGone("other"));
        Sys.EventStream.Publish(new ClusterNews.Expelled(1));
        Sys.EventStream.Publish(new ClusterNews.Joined(2));
        Barrier(gate);

        Assert.Equal([true, true, false, true], _told);
    }

    [Fact]
    public void Stopped_HearsNoMore()
    {
        var gate = Watch(Sys.ActorOf(MemberGateActor.Props(_told.Add)));
        Sys.Stop(gate);
        ExpectTerminated(gate);

        Sys.EventStream.Publish(new ClusterNews.Joined(1));

        Assert.Empty(_told);
    }
}
