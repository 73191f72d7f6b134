using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// In front of everything that changes the cluster. There is no way around it for callers on this machine: whoever may read the secret's file may act, and a
/// process that can only connect may not.
/// </summary>
internal static class AdminGate
{
    public static RequestDelegate Guard(NodeContext node, RequestDelegate then) => http =>
    {
        if (TokenOf(node, out var fault) is not { } token)
        {
            return ApiAnswer.Error(http, new ApiError(StatusCodes.Status403Forbidden, "forbidden", fault));
        }

        if (token.IsShownBy(http.Request.Headers.Authorization))
        {
            return then(http);
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        return ApiAnswer.Error(http, new ApiError(StatusCodes.Status401Unauthorized, "unauthorized",
            "this path needs the header \"Authorization: Bearer TOKEN\"; scrapectl makes it from --secret-file (the cluster's secret) or --token-file"));
    };

    /// <summary>The token of the file where one is set, which may be replaced while the node runs; else the one of the cluster's secret.</summary>
    private static AdminToken? TokenOf(NodeContext node, out string fault)
    {
        var settings = node.Settings;
        if (settings.Web.AdminTokenFile.Length == 0)
        {
            fault = "admin paths are off: set scrapecluster.cluster.secret-file, or scrapecluster.web.admin-token-file, and show the token";
            return node.AdminToken;
        }

        if (AdminToken.TryReadFile(settings.Web.AdminTokenFile, isSecret: false, out var token, out var unreadable))
        {
            fault = "";
            return token;
        }

        fault = $"admin paths are off: {unreadable} (scrapecluster.web.admin-token-file)";
        return null;
    }
}
