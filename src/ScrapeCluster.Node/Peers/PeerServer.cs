using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Node.Peers;

/// <summary>
/// The listener for other nodes, on <c>cluster.listen-address</c>. A server of its own: clear-text HTTP/2 cannot share a port with the HTTP/1.1 of the API, and
/// the limits are others, since streams here are quiet for long.
/// </summary>
internal sealed class PeerServer : IAsyncDisposable
{
    /// <summary>Every node holds a few to every other.</summary>
    private const int MaxConnections = 2048;

    private const int StreamsOfConnection = 256;
    private const int HeaderBytes = 16 * 1024;
    private const int HeaderCount = 32;
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private bool _isStopped;

    public PeerServer(PeerHandler handler, ListenAddress address, ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, LifetimeOfNode>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            SetLimits(server.Limits, handler.Terms);
            Listen(server, address, handler.Terms.DeliveryTimeout);
        });
        _app = builder.Build();
        var endpoint = new PeerEndpoint(handler, _stopping.Token);
        _app.Run(endpoint.ServeAsync);
        Address = address;
    }

    /// <summary>Where it listens; once it does, with the real port in the place of 0.</summary>
    public ListenAddress Address { get; private set; }

    /// <summary>Null when it listens, else why it cannot.</summary>
    public async Task<string?> TryStartAsync(CancellationToken cancellation)
    {
        try
        {
            await _app.StartAsync(cancellation);
            Address = Address with { Port = new Uri(_app.Urls.First()).Port };
            return null;
        }
        catch (Exception e) when (e is IOException or AddressInUseException or System.Net.Sockets.SocketException)
        {
            var reason = e is AddressInUseException || e.InnerException is AddressInUseException || e.Message.Contains("in use", StringComparison.OrdinalIgnoreCase)
                ? "it is in use by another process"
                : e.Message;
            return $"cannot listen on {Address} for other nodes: {reason}; stop that process or set scrapecluster.cluster.listen-address";
        }
    }

    /// <summary>Ends the streams, lets calls in flight end within <see cref="StopDeadline"/>, and cuts off what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        await _stopping.CancelAsync();
        using var deadline = new CancellationTokenSource(StopDeadline);
        await _app.StopAsync(deadline.Token);
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private static void SetLimits(KestrelServerLimits limits, PeerTerms terms)
    {
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxRequestBodySize = terms.MaxMessageBytes;
        limits.MaxRequestHeadersTotalSize = HeaderBytes;
        limits.MaxRequestHeaderCount = HeaderCount;
        limits.RequestHeadersTimeout = HeadersTimeout;

        // A quiet stream is none that reads too slowly; what is dead is found by pings, first of all the caller's. Requests are sent at once, so their minimum rate stays.
        limits.MinResponseDataRate = null;
        limits.Http2.KeepAlivePingDelay = 2 * terms.PingDelay;
        limits.Http2.KeepAlivePingTimeout = terms.PingTimeout;
        limits.Http2.MaxStreamsPerConnection = StreamsOfConnection;
    }

    private static void Listen(KestrelServerOptions server, ListenAddress address, TimeSpan deliveryTimeout)
    {
        if (address.IsAny)
        {
            server.ListenAnyIP(address.Port, OverHttp2);
        }
        else if (address.IsLocalhost)
        {
            server.Listen(IPAddress.Loopback, address.Port, OverHttp2);
        }
        else
        {
            server.Listen(IPAddress.Parse(address.Host), address.Port, OverHttp2);
        }

        void OverHttp2(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(next => connection =>
            {
                if (connection.Features.Get<IConnectionSocketFeature>() is { Socket: { } socket })
                {
                    PeerSocket.LimitDelivery(socket, deliveryTimeout);
                }

                return next(connection);
            });
        }
    }

    /// <summary>The host's own would take a signal to the process as its own end and cut the node off from its peers before it has handed over.</summary>
    private sealed class LifetimeOfNode : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
