using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>A loop as its pool knows it. Belongs to the pool's actor.</summary>
internal sealed class PoolLoop(IActorRef actor)
{
    private long _orders;

    public IActorRef Actor { get; } = actor;

    public required TargetCell Cell { get; set; }

    /// <summary>Null when the target is gone: its loop only owes markers, or its lines.</summary>
    public ScrapeTarget? Target { get; set; }

    public string? ForcedFault { get; set; }

    public TargetWindow Window { get; set; }

    /// <summary>The order that released it; 0 when it is not being released.</summary>
    public long ReleaseOrder { get; set; }

    /// <summary>Returns the number by which the loop's answers refer to the order.</summary>
    public long Tell(LoopOrder order, IActorRef pool)
    {
        Actor.Tell(order, pool);
        return ++_orders;
    }

    /// <summary>False for an answer that a later order has overtaken.</summary>
    public bool IsLast(long order) => order == _orders;
}
