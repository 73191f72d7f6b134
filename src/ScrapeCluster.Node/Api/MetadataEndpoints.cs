using System.Text.Json;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Api;

/// <summary><c>/api/v1/metadata</c> and <c>/api/v1/targets/metadata</c>: type, help and unit as the targets say them.</summary>
internal static class MetadataEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeContext node)
    {
        routes.MapGet("/api/v1/metadata", http => ByFamily(http, node));
        routes.MapGet("/api/v1/targets/metadata", http => ByTarget(http, node));
    }

    private static async Task ByFamily(HttpContext http, NodeContext node)
    {
        var parameters = await ApiParameters.ReadAsync(http);
        if (!TryLimit(parameters, "limit", out var limit, out var error) || !TryLimit(parameters, "limit_per_metric", out var limitPerMetric, out error))
        {
            await ApiAnswer.Error(http, error!);
            return;
        }

        var metric = parameters.Get("metric");
        var families = new SortedDictionary<string, HashSet<MetricMetadata>>(StringComparer.Ordinal);
        foreach (var family in node.Board.Metadata().SelectMany(target => target.Families))
        {
            if (metric.Length > 0 && family.Name != metric)
            {
                continue;
            }

            if (!families.TryGetValue(family.Name, out var said))
            {
                families[family.Name] = said = [];
            }

            said.Add(new MetricMetadata(family.Type, family.Help, family.Unit));
        }

        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            foreach (var (name, said) in limit < 0 ? families : families.Take(limit))
            {
                json.WriteStartArray(name);
                foreach (var metadata in limitPerMetric <= 0 ? said : said.Take(limitPerMetric))
                {
                    json.WriteStartObject();
                    Write(json, metadata);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    private static async Task ByTarget(HttpContext http, NodeContext node)
    {
        var parameters = await ApiParameters.ReadAsync(http);
        if (!TryLimit(parameters, "limit", out var limit, out var error))
        {
            await ApiAnswer.Error(http, error!);
            return;
        }

        IReadOnlyList<LabelMatcher>? matchers = [];
        var selector = parameters.Get("match_target");
        if (selector.Length > 0 && !SelectorParser.TryParse(selector, out matchers, out var fault))
        {
            await ApiAnswer.Error(http, ApiError.BadData($"invalid parameter \"match_target\": {fault}"));
            return;
        }

        var metric = parameters.Get("metric");
        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartArray();
            var written = 0;
            foreach (var (target, families) in node.Board.Metadata())
            {
                // As in Prometheus, the limit is looked at between targets: one that has begun is told whole.
                if (limit >= 0 && written >= limit)
                {
                    break;
                }

                if (!matchers.All(matcher => matcher.Matches(target.Labels.Get(matcher.Name) ?? "")))
                {
                    continue;
                }

                foreach (var family in families.Where(family => metric.Length == 0 || family.Name == metric))
                {
                    written++;
                    WriteTargetFamily(json, target, family, metric.Length == 0);
                }
            }

            json.WriteEndArray();
        });
    }

    private static void WriteTargetFamily(Utf8JsonWriter json, TargetSnapshot target, FamilyMetadata family, bool named)
    {
        json.WriteStartObject();
        json.WriteLabels("target", target.Labels);
        if (named)
        {
            json.WriteString("metric", family.Name);
        }

        Write(json, new MetricMetadata(family.Type, family.Help, family.Unit));
        json.WriteEndObject();
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
