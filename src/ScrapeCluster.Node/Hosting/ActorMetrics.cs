using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// The actors on the metrics page, summed below each part of <c>/user</c>: a label for every target's actor would be without bound, and
/// <c>/api/cluster/v1/actors</c> has them.
/// </summary>
internal static class ActorMetrics
{
    private const string Part = "part";

    public static void Register(MetricsRegistry metrics, ActorSystem system)
    {
        Gauge(metrics, system, "scrapecluster_actors", "Actors that run.", static _ => 1);
        Gauge(metrics, system, "scrapecluster_actor_mailbox_messages", "Messages that wait in mailboxes.", static actor => actor.MailboxLength);

        // Not of the actors below: they come and go, and a counter must not fall.
        metrics.Callback(MetricType.Counter, "scrapecluster_actor_messages_total", "Messages that the part's first actor has handled.", [Part], () => Parts(system, static actor => actor.Processed));
        metrics.Callback(MetricType.Counter, "scrapecluster_actor_restarts_total", "Restarts of the part's first actor after a failure.", [Part], () => Parts(system, static actor => actor.Restarts));
        metrics.Callback(MetricType.Counter, "scrapecluster_actor_busy_seconds_total", "Time that the part's first actor spent handling messages.", [Part], () => Parts(system, static actor => actor.HandlerTime.TotalSeconds));
    }

    private static void Gauge(MetricsRegistry metrics, ActorSystem system, string name, string help, Func<ActorStatistics, double> read)
    {
        metrics.Callback(MetricType.Gauge, name, help, [Part], () => Parts(system, actor => Sum(actor, read)));
    }

    private static IEnumerable<Observation> Parts(ActorSystem system, Func<ActorStatistics, double> read)
    {
        return system.Inspect()?.Children.Select(part => new Observation(read(part), part.Path.Name)) ?? [];
    }

    private static double Sum(ActorStatistics actor, Func<ActorStatistics, double> read) => read(actor) + actor.Children.Sum(child => Sum(child, read));
}
