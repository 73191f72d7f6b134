using System.Text.Json;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// <c>/api/v1/scrape_pools</c>, the configuration of one pool, and <c>/api/v1/targets/relabel_steps</c>: what each rule of a job makes of a label set.
/// </summary>
internal static class ScrapePoolEndpoints
{
    private const string PoolParameter = "scrapePool";

    public static void Map(IEndpointRouteBuilder routes, NodeContext node)
    {
        routes.MapGet("/api/v1/scrape_pools", http => Names(http, node));
        routes.MapGet("/api/v1/scrape_pools/config", http => Config(http, node));
        routes.MapGet("/api/v1/targets/relabel_steps", http => RelabelSteps(http, node));
    }

    private static Task Names(HttpContext http, NodeContext node)
    {
        return ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("scrapePools");
            foreach (var job in node.Board.Jobs.Select(job => job.Job).Order(StringComparer.Ordinal))
            {
                json.WriteStringValue(job);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static Task Config(HttpContext http, NodeContext node)
    {
        return FindJob(http, node, out var error) is not { } job
            ? ApiAnswer.Error(http, error!)
            : ApiAnswer.Success(http, json =>
            {
                json.WriteStartObject();
                json.WriteString("yaml", job.ToYaml());
                json.WriteEndObject();
            });
    }

    private static Task RelabelSteps(HttpContext http, NodeContext node)
    {
        if (FindJob(http, node, out var error) is not { } job)
        {
            return ApiAnswer.Error(http, error!);
        }

        var text = http.Request.Query["labels"].ToString();
        if (text.Length == 0)
        {
            return ApiAnswer.Error(http, ApiError.BadData("no labels parameter provided"));
        }

        return TryReadLabels(text, out var labels, out var fault)
            ? ApiAnswer.Success(http, json => WriteSteps(json, job.RelabelConfigs, labels))
            : ApiAnswer.Error(http, ApiError.BadData($"invalid parameter \"labels\": {fault}"));
    }

    private static ScrapeConfig? FindJob(HttpContext http, NodeContext node, out ApiError? error)
    {
        var pool = http.Request.Query[PoolParameter].ToString();
        var job = node.Config.Current.Config.ScrapeConfigs.FirstOrDefault(job => job.JobName == pool);
        error = pool.Length == 0 ? ApiError.BadData($"no {PoolParameter} parameter provided")
            : job is null ? ApiError.BadData($"scrape pool {LabelText.Quote(pool)} not found")
            : null;
        return job;
    }

    /// <summary>A JSON object of label names and values.</summary>
    private static bool TryReadLabels(string text, out LabelsBuilder labels, out string fault)
    {
        labels = new LabelsBuilder();
        fault = "";
        try
        {
            foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(text) ?? [])
            {
                labels.Set(name, value);
            }

            return true;
        }
        catch (JsonException e)
        {
            fault = e.Message;
            return false;
        }
    }

    /// <summary>Up to the rule that drops the set, which then has no labels left to show.</summary>
    private static void WriteSteps(Utf8JsonWriter json, IReadOnlyList<RelabelConfig> rules, LabelsBuilder labels)
    {
        json.WriteStartObject();
        json.WriteStartArray("steps");
        var keep = true;
        foreach (var config in rules)
        {
            if (!keep || !RelabelRule.TryCompile(config, out var rule, out _))
            {
                break;
            }

            keep = RelabelRules.Apply([rule], labels);
            json.WriteStartObject();
            WriteRule(json, config);
            json.WriteLabels("output", keep ? labels.ToLabels() : Labels.Empty);
            json.WriteBoolean("keep", keep);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, RelabelConfig rule)
    {
        json.WriteStartObject("rule");
        json.WriteStartArray("source_labels");
        foreach (var label in rule.SourceLabels)
        {
            json.WriteStringValue(label);
        }

        json.WriteEndArray();
        json.WriteString("separator", rule.Separator);
        json.WriteString("regex", rule.Regex);
        json.WriteNumber("modulus", rule.Modulus);
        json.WriteString("target_label", rule.TargetLabel);
        json.WriteString("replacement", rule.Replacement);
        json.WriteString("action", rule.Action.ToString().ToLowerInvariant());
        json.WriteEndObject();
    }
}
