using System.Text.Json;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// <c>/api/v1/scrape_pools</c>, the configuration of one pool, and <c>/api/v1/targets/relabel_steps</c>: what each rule of a job makes of a label set.
/// </summary>
internal static class ScrapePoolEndpoints
{
    private const string PoolParameter = "scrapePool";

    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet("/api/v1/scrape_pools", http => Names(http, node, fanout));
        routes.MapGet("/api/v1/scrape_pools/config", http => Config(http, node));
        routes.MapGet("/api/v1/targets/relabel_steps", http => Steps(http, node));
    }

    /// <summary>The jobs of the leader's manager; without a leader those of the configuration, which are the same unless one was just changed.</summary>
    private static async Task Names(HttpContext http, NodeContext node, Fanout fanout)
    {
        var jobs = await fanout.AskLeaderAsync(Questions.Jobs, new JobsAsked(), http.RequestAborted);
        var names = jobs.Missing.Count == 0
            ? jobs.Parts.SelectMany(part => part.Part).Select(job => job.Job)
            : node.Config.Current.Config.ScrapeConfigs.Select(job => job.JobName);
        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("scrapePools");
            foreach (var job in names.Order(StringComparer.Ordinal))
            {
                json.WriteStringValue(job);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }, jobs.Warnings);
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

    private static Task Steps(HttpContext http, NodeContext node)
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

    private static void WriteSteps(Utf8JsonWriter json, IReadOnlyList<RelabelConfig> rules, LabelsBuilder labels)
    {
        json.WriteStartObject();
        json.WriteStartArray("steps");
        foreach (var (rule, output, keep) in RelabelSteps.Walk(rules, labels))
        {
            json.WriteStartObject();
            WriteRule(json, rule);
            json.WriteLabels("output", output);
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
