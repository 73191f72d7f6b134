namespace ScrapeCluster.Node.Api;

/// <summary>
/// Paths of Prometheus's API that this node answers by saying where to go: it evaluates no PromQL, no rules and no alerts.
/// Empty lists keep Grafana's data-source page and others content.
/// </summary>
internal static class NotHereEndpoints
{
    private const string NoPromQl =
        "ScrapeCluster evaluates no PromQL: let a Prometheus read from /api/v1/read (remote_read), or send the samples on with remote_write, and query there";

    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["query", "query_range", "query_exemplars", "format_query", "parse_query"])
        {
            routes.MapMethods($"/api/v1/{path}", ["GET", "POST"], http => ApiAnswer.Error(http, ApiError.Execution(NoPromQl)));
        }

        MapEmpty(routes, "/api/v1/rules", "groups");
        MapEmpty(routes, "/api/v1/alerts", "alerts");
        MapEmpty(routes, "/api/v1/alertmanagers", "activeAlertmanagers", "droppedAlertmanagers");
    }

    private static void MapEmpty(IEndpointRouteBuilder routes, string path, params string[] lists)
    {
        routes.MapGet(path, http => ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            foreach (var list in lists)
            {
                json.WriteStartArray(list);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }));
    }
}
