using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Peers;

namespace ScrapeCluster.IntegrationTests.Peers;

/// <summary>The peer side of a node: it listens on a port of 127.0.0.1, calls others, and keeps what it logs.</summary>
internal sealed class PeerNode : IAsyncDisposable
{
    public const string Secret = "correct horse battery staple";

    private readonly LogLines _lines = new();
    private readonly LoggerFactory _loggers;
    private readonly PeerServer _server;

    private PeerNode(PeerTerms terms, ListenAddress? listen = null)
    {
        _loggers = new LoggerFactory([_lines]);
        Client = new PeerClient(terms, Metrics);
        var handler = new PeerHandler(terms, Routes, TimeProvider.System, Metrics, _loggers.CreateLogger<PeerHandler>());
        _server = new PeerServer(handler, listen ?? new ListenAddress("127.0.0.1", 0), _loggers);
        Name = terms.Node;
    }

    public string Name { get; }

    public PeerRoutes Routes { get; } = new();

    public MetricsRegistry Metrics { get; } = new();

    public PeerClient Client { get; }

    public PeerAddress Address => new(Name, _server.Address.ToString());

    public ListenAddress ListensOn => _server.Address;

    /// <summary>Warnings and errors.</summary>
    public IEnumerable<string> Log => _lines.Lines;

    /// <summary>A test that asks for no other time-outs is patient: a machine under load stands still for seconds.</summary>
    public static async Task<PeerNode> StartAsync(string name, Func<PeerTerms, PeerTerms>? change = null)
    {
        var patience = TimeSpan.FromSeconds(60);
        var terms = new PeerTerms
        {
            Cluster = "test",
            Node = name,
            Secret = new ClusterSecret(Secret),
            ConnectTimeout = patience,
            StreamStartTimeout = patience,
            PingTimeout = patience,
        };
        var node = new PeerNode(change is null ? terms : change(terms));
        Assert.Null(await node._server.TryStartAsync(TestContext.Current.CancellationToken));
        return node;
    }

    public static async Task<string?> FaultOfStartAsync(string name, ListenAddress listen)
    {
        await using var node = new PeerNode(new PeerTerms { Cluster = "test", Node = name, Secret = new ClusterSecret(Secret) }, listen);
        return await node._server.TryStartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Answers a ring with its epoch plus one.</summary>
    public PeerNode WithRing()
    {
        Routes.Answer(PeerMethods.Ring, RingRequest.Parser, (ring, _) => Task.FromResult<IMessage>(new RingRequest { Epoch = ring.Epoch + 1 }));
        return this;
    }

    /// <summary>Answers a watch with what is written here.</summary>
    public Channel<MemberFrame> WithFrames()
    {
        var frames = Channel.CreateUnbounded<MemberFrame>();
        Routes.Stream(PeerMethods.Watch, WatchRequest.Parser, (_, cancellation) => frames.Reader.ReadAllAsync(cancellation));
        return frames;
    }

    public Task<RingRequest> RingAsync(PeerAddress to, double timeoutSeconds = 60) => Client.CallAsync(
        to, PeerMethods.Ring, new RingRequest { Epoch = 6 }, RingRequest.Parser, TimeSpan.FromSeconds(timeoutSeconds), TestContext.Current.CancellationToken);

    public IAsyncEnumerable<MemberFrame> WatchAsync(PeerAddress to, CancellationToken cancellation) =>
        Client.StreamAsync(to, PeerMethods.Watch, new WatchRequest { Leader = Name }, MemberFrame.Parser, cancellation);

    public Task StopAsync() => _server.DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        _loggers.Dispose();
    }

    private sealed class LogLines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");
            }
        }

        public void Dispose()
        {
        }
    }
}
