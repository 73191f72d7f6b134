using System.Globalization;
using System.Text.Json;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Api;

/// <summary><c>/api/v1/status/*</c>: what this node is, what it was started with, what it runs on.</summary>
internal static class StatusEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeContext node)
    {
        routes.MapGet("/api/v1/status/config", http => ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("yaml", node.Config.Current.Config.Yaml);
            json.WriteEndObject();
        }));
        routes.MapGet("/api/v1/status/flags", http => ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            foreach (var (name, value) in node.Flags.OrderBy(flag => flag.Key, StringComparer.Ordinal))
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }));
        routes.MapGet("/api/v1/status/buildinfo", http => ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("version", BuildInfo.Version);
            json.WriteString("revision", BuildInfo.Revision);
            json.WriteString("branch", "main");
            json.WriteString("buildUser", "");
            json.WriteString("buildDate", "");
            json.WriteString("goVersion", BuildInfo.Runtime);
            json.WriteEndObject();
        }));
        routes.MapGet("/api/v1/status/runtimeinfo", http => RuntimeInfo(http, node));
        routes.MapGet("/api/v1/status/tsdb", http => Head(http, node));
        routes.MapGet("/api/v1/status/walreplay", http => ApiAnswer.Success(http, json =>
        {
            var replay = node.Storage.Progress;
            json.WriteStartObject();
            json.WriteNumber("min", replay.Min);
            json.WriteNumber("max", replay.Max);
            json.WriteNumber("current", replay.Current);
            json.WriteEndObject();
        }));
    }

    /// <summary>Prometheus's members; those that name Go's runtime carry their nearest kin here.</summary>
    private static Task RuntimeInfo(HttpContext http, NodeContext node)
    {
        var config = node.Config.Current;
        return ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("startTime", ApiTime.Format(node.StartTime));
            json.WriteString("CWD", Environment.CurrentDirectory);
            json.WriteString("hostname", Environment.MachineName);
            json.WriteString("serverTime", ApiTime.Format(node.Time.GetUtcNow()));
            json.WriteBoolean("reloadConfigSuccess", config.LastReloadError is null);
            json.WriteString("lastConfigTime", ApiTime.Format(config.LoadedAt));
            json.WriteNumber("corruptionCount", node.Storage.Corruptions);
            json.WriteNumber("goroutineCount", ThreadPool.ThreadCount);
            json.WriteNumber("GOMAXPROCS", Environment.ProcessorCount);
            json.WriteNumber("GOMEMLIMIT", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            json.WriteString("GOGC", "");
            json.WriteString("GODEBUG", "");
            json.WriteString("storageRetention", Retention(node.Settings.Storage));
            json.WriteEndObject();
        });
    }

    /// <summary>As Prometheus writes it: nothing for an agent, else <c>15d</c>, <c>10GiB</c>, <c>15d or 10GiB</c>.</summary>
    private static string Retention(StorageSettings storage)
    {
        if (storage.Mode == StorageMode.Agent)
        {
            return "";
        }

        var time = storage.RetentionTime > TimeSpan.Zero ? PromDuration.Format(storage.RetentionTime) : "";
        var size = storage.RetentionSizeBytes > 0 ? ByteSize.Format(storage.RetentionSizeBytes) : "";
        return time.Length > 0 && size.Length > 0 ? $"{time} or {size}" : time + size;
    }

    /// <summary>Head statistics; the rankings count series, as Prometheus does, over the head's index.</summary>
    private static async Task Head(HttpContext http, NodeContext node)
    {
        const int MaxLimit = 10_000;
        const int DefaultLimit = 10;
        var parameters = await ApiParameters.ReadAsync(http);
        var text = parameters.Get("limit");
        var limit = DefaultLimit;
        if (text.Length > 0 && (!int.TryParse(text, CultureInfo.InvariantCulture, out limit) || limit < 1))
        {
            await ApiAnswer.Error(http, ApiError.BadData("limit must be a positive number"));
            return;
        }

        if (limit > MaxLimit)
        {
            await ApiAnswer.Error(http, ApiError.BadData($"limit must not exceed {MaxLimit}"));
            return;
        }

        var stats = node.Storage.Query.Stats;
        var rankings = node.Storage.Query.Rankings(limit);
        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("headStats");
            json.WriteNumber("numSeries", stats.SeriesCount);
            json.WriteNumber("numLabelPairs", stats.LabelPairCount);
            json.WriteNumber("chunkCount", stats.ChunkCount);
            json.WriteNumber("minTime", stats.MinTimeMs);
            json.WriteNumber("maxTime", stats.MaxTimeMs);
            json.WriteEndObject();
            WriteRanking(json, "seriesCountByMetricName", rankings.SeriesByMetric);
            WriteRanking(json, "labelValueCountByLabelName", rankings.ValuesByLabel);
            WriteRanking(json, "memoryInBytesByLabelName", rankings.ValueBytesByLabel);
            WriteRanking(json, "seriesCountByLabelValuePair", rankings.SeriesByPair);
            json.WriteEndObject();
        });
    }

    private static void WriteRanking(Utf8JsonWriter json, string property, IReadOnlyList<RankedCount> ranking)
    {
        json.WriteStartArray(property);
        foreach (var (name, count) in ranking)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("value", count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
