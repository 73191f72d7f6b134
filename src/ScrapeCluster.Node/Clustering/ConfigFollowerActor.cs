using ScrapeCluster.Cluster.Membership;

namespace ScrapeCluster.Node.Clustering;

/// <summary>Has the node run the newest version of the cluster's configuration, whoever published it. <c>/user/config-follower</c>.</summary>
internal sealed class ConfigFollowerActor : ReceiveActor
{
    private readonly Func<long, Task> _follow;
    private long _newest = -1;
    private bool _isFollowing;
    private bool _isAskedAgain;

    private ConfigFollowerActor(Func<long, Task> follow)
    {
        _follow = follow;
        Receive<ClusterNews.Viewed>(viewed => See(viewed.View.ConfigVersion));
        Receive<Followed>(_ => GoOn());
    }

    private sealed record Followed;

    /// <param name="follow">Costs nothing when there is nothing to do.</param>
    public static Props Props(Func<long, Task> follow) => Actors.Props.Create(() => new ConfigFollowerActor(follow));

    protected override void PreStart() => Context.System.EventStream.Subscribe<ClusterNews.Viewed>(Self);

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    /// <summary>To apply a version takes longer than from one view to the next: the last one counts.</summary>
    private void See(long version)
    {
        _newest = version;
        _isAskedAgain = _isFollowing;
        if (!_isFollowing)
        {
            Follow();
        }
    }

    private void Follow()
    {
        _isFollowing = true;
        FollowAsync(_newest).PipeTo(Self, Self);
    }

    private async Task<Followed> FollowAsync(long version)
    {
        await _follow(version);
        return new Followed();
    }

    private void GoOn()
    {
        _isFollowing = false;
        if (_isAskedAgain)
        {
            _isAskedAgain = false;
            Follow();
        }
    }
}
