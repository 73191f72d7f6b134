using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// <c>POST /api/v1/admin/tsdb/snapshot</c>, as Prometheus has it (https://prometheus.io/docs/prometheus/latest/querying/api/#snapshot). Off by default. Where
/// the node has an admin token, it must be shown as well; where it has none, as with Prometheus, whoever reaches the port may ask.
/// </summary>
internal static class AdminEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeContext node)
    {
        var hasToken = node.AdminToken is not null || node.Settings.Web.AdminTokenFile.Length > 0;
        RequestDelegate snapshot = http => SnapshotAsync(http, node);
        routes.MapMethods("/api/v1/admin/tsdb/snapshot", ["POST", "PUT"], !node.Settings.Web.EnableAdminApi ? Disabled : hasToken ? AdminGate.Guard(node, snapshot) : snapshot);
    }

    private static Task Disabled(HttpContext http)
    {
        return ApiAnswer.Error(http, ApiError.Unavailable("admin APIs disabled"));
    }

    private static async Task SnapshotAsync(HttpContext http, NodeContext node)
    {
        if (node.Storage is not LocalStorage storage)
        {
            await ApiAnswer.Error(http, ApiError.Execution(AgentRefusals.Unavailable));
            return;
        }

        var parameters = await ApiParameters.ReadAsync(http);
        if (!TryReadSwitch(parameters.Get("skip_head"), out var skipHead))
        {
            await ApiAnswer.Error(http, ApiError.BadData($"invalid parameter \"skip_head\": unable to parse boolean \"{parameters.Get("skip_head")}\""));
            return;
        }

        string name;
        try
        {
            name = await storage.SnapshotAsync(!skipHead, http.RequestAborted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && !http.RequestAborted.IsCancellationRequested)
        {
            await ApiAnswer.Error(http, ApiError.Internal($"create snapshot: {e.Message}"));
            return;
        }

        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteEndObject();
        });
    }

    /// <summary>The spellings of Go's <c>strconv.ParseBool</c>; absent is false.</summary>
    private static bool TryReadSwitch(string text, out bool value)
    {
        value = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return value || text is "" or "0" or "f" or "F" or "false" or "FALSE" or "False";
    }
}
