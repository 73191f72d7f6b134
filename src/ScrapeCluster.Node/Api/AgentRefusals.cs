using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Node.Api;

/// <summary>What a node in agent mode answers on paths that read samples: Prometheus's words (web/api/v1, wrapAgent), so that clients know them.</summary>
internal static class AgentRefusals
{
    public const string Unavailable = "unavailable with Prometheus Agent";

    private static readonly HashSet<string> Paths = new(StringComparer.Ordinal)
    {
        "/api/v1/query", "/api/v1/query_range", "/api/v1/query_exemplars", "/api/v1/format_query", "/api/v1/parse_query",
        "/api/v1/labels", "/api/v1/series", "/api/v1/read", "/api/v1/status/tsdb", "/api/v1/rules", "/api/v1/alerts", "/api/v1/alertmanagers",
    };

    private static readonly string[] Below = ["/api/v1/label/", "/api/v1/admin/tsdb/"];

    public static void Use(WebApplication app, StorageMode mode)
    {
        if (mode != StorageMode.Agent)
        {
            return;
        }

        app.Use((http, next) =>
        {
            var path = http.Request.Path.Value ?? "";
            if (path == "/federate")
            {
                return RefuseFederation(http);
            }

            var isRefused = Paths.Contains(path) || Below.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal));
            return isRefused ? ApiAnswer.Error(http, ApiError.Execution(Unavailable)) : next(http);
        });
    }

    /// <summary>Not a path of the API: it answers in plain text, with the code that Prometheus gives.</summary>
    private static Task RefuseFederation(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return http.Response.WriteAsync($"{Unavailable}\n", http.RequestAborted);
    }
}
