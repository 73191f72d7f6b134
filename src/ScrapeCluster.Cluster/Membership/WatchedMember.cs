using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>What the leader holds of one incarnation of one member. Owned by the watch actor.</summary>
internal sealed class WatchedMember(Member member) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private MemberFrame? _full;

    public string Node => member.Node;

    public long Incarnation => member.Incarnation;

    public string Address => member.Address;

    public CancellationToken Ended => _ended.Token;

    /// <summary>Whole ticks without a frame.</summary>
    public int Missed { get; private set; }

    public bool CameSinceTick { get; private set; }

    public bool HasSpoken { get; private set; }

    public bool IsRefused { get; private set; }

    public bool IsDeclared => Death is not null;

    /// <summary>What was said of its end; null while it lives.</summary>
    public ClusterNews.MemberDied? Death { get; set; }

    /// <summary>Why the stream broke last.</summary>
    public string Fault { get; private set; } = "";

    public TimeSpan SeenAgo { get; set; } = member.SeenAgo;

    public MemberSigns Signs => new(Missed, IsRefused, SeenAgo) { HasSpoken = HasSpoken };

    /// <summary>The frame with its slots, which only a full one carries; null while none was full.</summary>
    public MemberFrame? Take(MemberFrame frame)
    {
        Missed = 0;
        CameSinceTick = true;
        HasSpoken = true;
        IsRefused = false;
        if (!frame.IsFull && _full is { } full)
        {
            frame.Slots.AddRange(full.Slots);
            frame.Inherits.AddRange(full.Inherits);
            frame.IsFull = true;
        }

        _full = frame.IsFull ? frame : null;
        return _full;
    }

    public void Broke(string fault, bool isRefused)
    {
        Fault = fault;
        IsRefused = isRefused;
    }

    /// <summary>So many probes were not answered before this node led.</summary>
    public void WasSilent(int probes) => Missed = HasSpoken ? Missed : Math.Max(Missed, probes);

    /// <param name="judges">False: this node is sick itself, so what it did not hear is no sign.</param>
    public void Tick(bool judges)
    {
        Missed = CameSinceTick || !judges ? 0 : Missed + 1;
        CameSinceTick = false;
    }

    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }
}
