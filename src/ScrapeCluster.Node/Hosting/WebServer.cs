using System.Net;
using Microsoft.AspNetCore.Connections;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Api;
using ScrapeCluster.Node.Page;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Node.Receiving;
using ScrapeCluster.Node.RemoteRead;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Hosting;

/// <summary>Kestrel with the node's paths. Listens before the WAL is replayed, so that probes and /metrics have an answer from the start on.</summary>
internal static class WebServer
{
    /// <summary>Answered before the node is ready; every other path says 503 until then.</summary>
    private static readonly HashSet<string> AlwaysServed = new(StringComparer.Ordinal)
    {
        "/-/healthy", "/-/ready", "/-/quit", "/metrics", "/api/v1/status/walreplay",
        $"{ClusterEndpoints.Prefix}/status", $"{ClusterEndpoints.Prefix}/members", $"{ClusterEndpoints.Prefix}/leader", $"{ClusterEndpoints.Prefix}/events",
    };

    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);

    public static WebApplication Build(NodeContext node, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Services.AddSingleton(loggers);
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxConcurrentConnections = node.Settings.Web.MaxConnections;
            server.Limits.KeepAliveTimeout = node.Settings.Web.ReadTimeout;
            Listen(server, node.Settings.Web.ListenAddress);
        });
        var app = builder.Build();
        node = node with { Stop = app.Lifetime.StopApplication };
        if (node.PathPrefix.Length > 0)
        {
            // Both ways work: a proxy may pass the prefix of the external URL on or take it away.
            app.UsePathBase(node.PathPrefix);
        }

        app.Use(EndQuietlyWhenAborted);
        app.Use((http, next) => node.Readiness.IsServing || AlwaysServed.Contains(http.Request.Path.Value ?? "") ? next(http) : NotReady(http));
        AgentRefusals.Use(app, node.Settings.Storage.Mode);
        app.Use(TellWhatCannotBeRead);
        app.UseRouting();
        var fanout = new Fanout(node);
        LifecycleEndpoints.Map(app, node, app.Lifetime);
        TargetsEndpoints.Map(app, node, fanout);
        ScrapePoolEndpoints.Map(app, node, fanout);
        MetadataEndpoints.Map(app, node, fanout);
        SeriesEndpoints.Map(app, fanout);
        StatusEndpoints.Map(app, node);
        AdminEndpoints.Map(app, node);
        FederateEndpoint.Map(app, node, fanout);
        ClusterEndpoints.Map(app, node, fanout);
        RemoteReadEndpoint.Map(app, node);
        WriteEndpoint.Map(app, node, loggers);
        NotHereEndpoints.Map(app);
        StatusPage.Map(app, node, fanout);
        if (node.Cluster?.Routes is { } routes)
        {
            PeerAnswers.Register(routes, node);
            StoredAnswers.Register(routes, node);
        }

        return app;
    }

    /// <summary>Null when the server listens, else why it cannot.</summary>
    public static async Task<string?> TryStartAsync(WebApplication app, ListenAddress address)
    {
        try
        {
            await app.StartAsync();
            return null;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return "told to stop before it listened; nothing was changed";
        }
        catch (Exception e) when (e is IOException or AddressInUseException or System.Net.Sockets.SocketException)
        {
            var reason = e is AddressInUseException || e.InnerException is AddressInUseException || e.Message.Contains("in use", StringComparison.OrdinalIgnoreCase)
                ? "it is in use by another process"
                : e.Message;
            return $"cannot listen on {address}: {reason}; stop that process or set --web.listen-address";
        }
    }

    /// <summary>Requests in flight may end within <see cref="StopDeadline"/>; what is left then, or when it must hurry, is cut off.</summary>
    public static async Task StopAsync(WebApplication app, CancellationToken hurry)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        deadline.CancelAfter(StopDeadline);
        await app.StopAsync(deadline.Token);
        await app.DisposeAsync();
    }

    /// <summary>A client that goes away, or is cut off by the stop, in the middle of its request is no fault to log.</summary>
    private static async Task EndQuietlyWhenAborted(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && IsAborted(http, e))
        {
            http.Abort();
        }
    }

    /// <summary>A question that wants too much, or whose files cannot be read, fails alone and says why, as one of Prometheus does.</summary>
    private static async Task TellWhatCannotBeRead(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception e) when (e is (QueryLimitException or IOException) and not BadHttpRequestException && !http.Response.HasStarted && !IsAborted(http, e))
        {
            await ApiAnswer.Error(http, ApiError.Execution(e.Message));
        }
    }

    /// <summary>A body that is being read learns of it before the token does.</summary>
    private static bool IsAborted(HttpContext http, Exception failure)
    {
        return http.RequestAborted.IsCancellationRequested
            || failure is ConnectionAbortedException or ConnectionResetException
            || failure.InnerException is ConnectionAbortedException or ConnectionResetException;
    }

    private static void Listen(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions server, ListenAddress address)
    {
        if (address.IsAny)
        {
            server.ListenAnyIP(address.Port);
        }
        else if (address is { IsLocalhost: true, Port: 0 })
        {
            // Kestrel has no free port that is the same one on both loopback addresses.
            server.Listen(IPAddress.Loopback, 0);
        }
        else if (address.IsLocalhost)
        {
            server.ListenLocalhost(address.Port);
        }
        else
        {
            server.Listen(IPAddress.Parse(address.Host), address.Port);
        }
    }

    private static Task NotReady(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return http.Response.WriteAsync("Service Unavailable\n", http.RequestAborted);
    }
}
