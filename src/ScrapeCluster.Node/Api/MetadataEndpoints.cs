using System.Text.Json;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary><c>/api/v1/metadata</c> and <c>/api/v1/targets/metadata</c>: type, help and unit as the targets say them.</summary>
internal static class MetadataEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet("/api/v1/metadata", http => ByFamily(http, fanout));
        routes.MapGet("/api/v1/targets/metadata", http => ByTarget(http, node, fanout));
    }

    private static async Task ByFamily(HttpContext http, Fanout fanout)
    {
        var parameters = await ApiParameters.ReadAsync(http);
        if (!TryLimit(parameters, "limit", out var limit, out var error) || !TryLimit(parameters, "limit_per_metric", out var limitPerMetric, out error))
        {
            await ApiAnswer.Error(http, error!);
            return;
        }

        var answer = await fanout.AskAllAsync(Questions.Metadata, new MetadataAsked { Metric = parameters.Get("metric"), Limit = limit }, http.RequestAborted);
        var families = MetadataQuestion.Merge(answer.Parts);
        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            foreach (var family in limit < 0 ? families : families.Take(limit))
            {
                json.WriteStartArray(family.Name);
                foreach (var metadata in limitPerMetric <= 0 ? family.Texts : family.Texts.Take(limitPerMetric))
                {
                    json.WriteStartObject();
                    Write(json, metadata);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }, answer.Warnings);
    }

    private static async Task ByTarget(HttpContext http, NodeContext node, Fanout fanout)
    {
        var parameters = await ApiParameters.ReadAsync(http);
        if (!TryLimit(parameters, "limit", out var limit, out var error))
        {
            await ApiAnswer.Error(http, error!);
            return;
        }

        var selector = parameters.Get("match_target");
        if (selector.Length > 0 && !SelectorParser.TryParse(selector, out _, out var fault))
        {
            await ApiAnswer.Error(http, ApiError.BadData($"invalid parameter \"match_target\": {fault}"));
            return;
        }

        var metric = parameters.Get("metric");
        var asked = new MetadataAsked { Metric = metric, Limit = limit, TargetSelector = selector };
        var answer = await fanout.AskAllAsync(Questions.TargetMetadata, asked, http.RequestAborted);
        var owners = node.Owners();
        var targets = TargetsMerge.Merge(answer.Parts, state => owners.RowOf(state.Target.Pool, state.Target.Hash, state.Target.Slot), node.Time.GetUtcNow());
        await ApiAnswer.Success(http, json => WriteTargets(json, targets, node.ReplicaLabelOf(), limit, metric.Length == 0), answer.Warnings);
    }

    private static void WriteTargets(Utf8JsonWriter json, IReadOnlyList<NodePart<TargetState>> targets, ReplicaLabel replica, int limit, bool named)
    {
        json.WriteStartArray();
        var written = 0;
        var seen = new HashSet<(string, ulong)>();
        foreach (var (_, state) in targets)
        {
            // As in Prometheus, the limit is looked at between targets: one that has begun is told whole.
            if (limit >= 0 && written >= limit)
            {
                break;
            }

            // The slots of a bucket scrape the same targets.
            foreach (var family in seen.Add((state.Target.Pool, state.Target.Hash)) ? state.Families : [])
            {
                written++;
                WriteTargetFamily(json, replica.Without(state.Target.Labels), family, named);
            }
        }

        json.WriteEndArray();
    }

    private static void WriteTargetFamily(Utf8JsonWriter json, Labels target, FamilyTexts family, bool named)
    {
        foreach (var text in family.Texts)
        {
            json.WriteStartObject();
            json.WriteLabels("target", target);
            if (named)
            {
                json.WriteString("metric", family.Name);
            }

            Write(json, text);
            json.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter json, MetricMetadata metadata)
    {
        json.WriteString("type", metadata.Type.ToString().ToLowerInvariant());
        json.WriteString("help", metadata.Help);
        json.WriteString("unit", metadata.Unit);
    }

    /// <summary>-1 when absent. A negative one limits nothing; zero families are none, but zero entries a family are all, as in Prometheus.</summary>
    private static bool TryLimit(ApiParameters parameters, string name, out int limit, out ApiError? error)
    {
        error = null;
        limit = -1;
        var text = parameters.Get(name);
        if (text.Length > 0 && !int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out limit))
        {
            error = ApiError.BadData($"{name} must be a number");
            return false;
        }

        return true;
    }
}
