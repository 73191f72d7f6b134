using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Api;

/// <summary><c>/-/*</c> and <c>/metrics</c>.</summary>
internal static class LifecycleEndpoints
{
    private const string TextType = "text/plain; charset=utf-8";

    public static void Map(IEndpointRouteBuilder routes, NodeContext node, IHostApplicationLifetime lifetime)
    {
        routes.MapMethods("/-/healthy", ["GET", "HEAD"], http => Text(http, StatusCodes.Status200OK, "ScrapeCluster is Healthy.\n"));
        routes.MapMethods("/-/ready", ["GET", "HEAD"], http => node.Readiness.IsReady
            ? Text(http, StatusCodes.Status200OK, "ScrapeCluster is Ready.\n")
            : Text(http, StatusCodes.Status503ServiceUnavailable, "Service Unavailable\n"));
        routes.MapMethods("/-/reload", ["POST", "PUT"], http => Reload(http, node));
        routes.MapMethods("/-/quit", ["POST", "PUT"], http => Quit(http, node, lifetime));
        routes.MapGet("/metrics", http => Metrics(http, node));
    }

    private static async Task Reload(HttpContext http, NodeContext node)
    {
        if (!node.Settings.Web.EnableLifecycle)
        {
            await Disabled(http);
            return;
        }

        // A caller that goes away must not leave a reload half applied.
        var error = await node.Reload(CancellationToken.None);
        if (error is not null)
        {
            await Text(http, StatusCodes.Status500InternalServerError, $"failed to reload config: {error}\n");
        }
    }

    private static async Task Quit(HttpContext http, NodeContext node, IHostApplicationLifetime lifetime)
    {
        if (!node.Settings.Web.EnableLifecycle)
        {
            await Disabled(http);
            return;
        }

        await Text(http, StatusCodes.Status200OK, "Requesting termination... Goodbye!");
        lifetime.StopApplication();
    }

    private static Task Disabled(HttpContext http)
    {
        return Text(http, StatusCodes.Status403Forbidden, "Lifecycle API is not enabled: start with --web.enable-lifecycle.\n");
    }

    private static async Task Metrics(HttpContext http, NodeContext node)
    {
        var openMetrics = http.Request.Headers.Accept.ToString().Contains("application/openmetrics-text", StringComparison.OrdinalIgnoreCase);
        http.Response.ContentType = openMetrics
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
            : "text/plain; version=0.0.4; charset=utf-8";
        var body = http.Response.BodyWriter;
        node.Metrics.Write(body, openMetrics ? MetricsFormat.OpenMetrics : MetricsFormat.Text);
        await body.FlushAsync(http.RequestAborted);
    }

    private static Task Text(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = TextType;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
