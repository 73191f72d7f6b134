using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Why a new owner's remote write goes on.</summary>
internal enum HoldEnd
{
    /// <summary>The owner before said that it has sent everything.</summary>
    Sent,

    /// <summary>It did not say so in time: a receiver may get samples out of order.</summary>
    Late,

    /// <summary>It is gone.</summary>
    Gone,

    /// <summary>The slot has moved on, or back.</summary>
    Overtaken,
}

internal sealed class OwnershipMetrics(MetricsRegistry registry)
{
    public Gauge OwnedSlots { get; } = registry.Gauge("scrapecluster_cluster_owned_slots", "Slots that this node scrapes.");

    public Gauge InheritedBytes { get; } = registry.Gauge("scrapecluster_cluster_inherited_bytes", "Series lines of other nodes' slots that are kept here for the case that their owner dies.");

    /// <summary>Outcomes: <c>sent</c>, <c>unanswered</c> (tried again), <c>received</c>.</summary>
    public MetricFamily<Counter> HandOvers { get; } = registry.Counters("scrapecluster_cluster_handovers_total", "Series lines of slots handed from owner to owner.", "outcome");

    public Counter Doubled { get; } = registry.Counter(
        "scrapecluster_cluster_doubled_possible_total", "Slots given away that were scraped past the instant, since the new owner's acknowledgement was not here.");

    public Counter LateStarts { get; } = registry.Counter("scrapecluster_cluster_late_starts_total", "Slots taken over from a living owner after the instant of the move.");

    public Counter DamagedSets { get; } = registry.Counter("scrapecluster_cluster_target_sets_damaged_total", "Target sets read from the store that are no target sets; the one before is kept.");

    public Counter UnreadSets { get; } = registry.Counter("scrapecluster_cluster_target_sets_unread_total", "Requests for target sets that the store did not answer.");

    /// <summary>Outcomes: <c>sent</c>, <c>unanswered</c>, <c>kept</c>, <c>refused</c>.</summary>
    public MetricFamily<Counter> Bequests { get; } = registry.Counters("scrapecluster_cluster_bequests_total", "Series lines of slots given to the node that would inherit them.", "outcome");

    /// <summary>Outcomes: <c>sent</c>, <c>late</c> (some receiver did not have it in time).</summary>
    public MetricFamily<Counter> SendsHandedOver { get; } = registry.Counters(
        "scrapecluster_cluster_send_handovers_total", "Slots given away in planned moves, by whether receivers of remote write had all of them in time.", "outcome");

    /// <summary>Outcomes: <c>sent</c>, <c>late</c>, <c>gone</c>, <c>overtaken</c>.</summary>
    private MetricFamily<Counter> SendHolds { get; } = registry.Counters(
        "scrapecluster_cluster_send_holds_total", "Slots taken over in planned moves whose samples remote write held back for the owner before, by what ended that.", "outcome");

    public void HoldEnded(HoldEnd end) => SendHolds.With(end switch
    {
        HoldEnd.Sent => "sent",
        HoldEnd.Late => "late",
        HoldEnd.Gone => "gone",
        _ => "overtaken",
    }).Inc();
}
