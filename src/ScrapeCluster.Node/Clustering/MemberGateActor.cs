using ScrapeCluster.Cluster.Membership;

namespace ScrapeCluster.Node.Clustering;

/// <summary>Tells the node's readiness whether it has a place in its cluster, or goes on with the one it had. <c>/user/member-gate</c>.</summary>
internal sealed class MemberGateActor : ReceiveActor
{
    private MemberGateActor(Action<bool> changed)
    {
        Receive<ClusterNews.Joined>(_ => changed(true));
        Receive<ClusterNews.Restored>(_ => changed(true));
        Receive<ClusterNews.Expelled>(_ => changed(false));
    }

    public static Props Props(Action<bool> changed) => Actors.Props.Create(() => new MemberGateActor(changed));

    protected override void PreStart()
    {
        foreach (var news in (Type[])[typeof(ClusterNews.Joined), typeof(ClusterNews.Restored), typeof(ClusterNews.Expelled)])
        {
            Context.System.EventStream.Subscribe(Self, news);
        }
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);
}
