using System.Text.Json;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// <c>/api/v1/targets</c>, member for member as Prometheus
/// (https://prometheus.io/docs/prometheus/latest/querying/api/#targets).
/// </summary>
internal static class TargetsEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet("/api/v1/targets", http => Targets(http, node, fanout));
    }

    private static async Task Targets(HttpContext http, NodeContext node, Fanout fanout)
    {
        var state = http.Request.Query["state"].ToString().ToLowerInvariant();
        var pool = http.Request.Query["scrapePool"].ToString();
        var wantsActive = state is "" or "any" or "active";
        var wantsDropped = state is "" or "any" or "dropped";
        var active = wantsActive ? fanout.AskAllAsync(Questions.Targets, new TargetsAsked { Job = pool }, http.RequestAborted) : null;
        var dropped = wantsDropped ? fanout.AskLeaderAsync(Questions.Jobs, new JobsAsked { Job = pool, WithDropped = true }, http.RequestAborted) : null;
        var targets = active is null ? [] : Merged(await active, node);
        var jobs = dropped is null ? null : (await dropped).Parts.SelectMany(part => part.Part).OrderBy(job => job.Job, StringComparer.Ordinal).ToList();
        var warnings = MissingText.Join(active is null ? null : (await active).Warnings, dropped is null ? null : (await dropped).Warnings);
        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("activeTargets");
            foreach (var (_, state) in targets)
            {
                WriteActive(json, state.Target, GlobalUrl.Of(state.Target.ScrapeUrl, node));
            }

            json.WriteEndArray();
            json.WriteStartArray("droppedTargets");
            foreach (var job in jobs?.Where(job => pool.Length == 0 || job.Job == pool) ?? [])
            {
                WriteDropped(json, job);
            }

            json.WriteEndArray();
            WriteDroppedCounts(json, jobs);
            json.WriteEndObject();
        }, warnings);
    }

    private static IReadOnlyList<NodePart<TargetState>> Merged(FanoutAnswer<IReadOnlyList<TargetState>> answer, NodeContext node)
    {
        var owners = node.Owners();
        return TargetsMerge.Merge(answer.Parts, state => owners.RowOf(state.Target.Pool, state.Target.Hash, state.Target.Slot), node.Time.GetUtcNow());
    }

    private static void WriteActive(Utf8JsonWriter json, TargetSnapshot target, string globalUrl)
    {
        json.WriteStartObject();
        json.WriteLabels("discoveredLabels", target.DiscoveredLabels);
        json.WriteLabels("labels", target.Labels);
        json.WriteString("scrapePool", target.Pool);
        json.WriteString("scrapeUrl", target.ScrapeUrl);
        json.WriteString("globalUrl", globalUrl);
        json.WriteString("lastError", target.LastError);
        json.WriteString("lastScrape", ApiTime.Format(target.LastScrape));
        json.WriteNumber("lastScrapeDuration", target.LastScrapeDuration.TotalSeconds);
        json.WriteString("health", target.Health switch { TargetHealth.Up => "up", TargetHealth.Down => "down", _ => "unknown" });
        json.WriteString("scrapeInterval", PromDuration.Format(target.Interval));
        json.WriteString("scrapeTimeout", PromDuration.Format(target.Timeout));
        json.WriteEndObject();
    }

    private static void WriteDropped(Utf8JsonWriter json, JobSnapshot job)
    {
        foreach (var labels in job.DroppedTargets)
        {
            json.WriteStartObject();
            json.WriteLabels("discoveredLabels", labels);
            json.WriteString("scrapePool", job.Job);
            json.WriteEndObject();
        }
    }

    /// <summary>True totals of every pool, whatever the pool filter; null when dropped targets were not asked for.</summary>
    private static void WriteDroppedCounts(Utf8JsonWriter json, List<JobSnapshot>? jobs)
    {
        if (jobs is null)
        {
            json.WriteNull("droppedTargetCounts");
            return;
        }

        json.WriteStartObject("droppedTargetCounts");
        foreach (var job in jobs)
        {
            json.WriteNumber(job.Job, job.DroppedCount);
        }

        json.WriteEndObject();
    }
}
