using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Peers;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Tests.Node.RemoteRead;

/// <summary>A node asks another over the wire between nodes and ends before the answer does: the other lets go of what it reads from, and of the turn.</summary>
public sealed class PeerReaderTests : IAsyncLifetime
{
    private const int WaitMs = 60_000;

    private readonly PeerClient _client = new(Terms("node1"), new MetricsRegistry());
    private readonly PeerRoutes _routes = new();
    private EndpointFixture _node = null!;
    private PeerServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _node = await EndpointFixture.StartAsync(DateTimeOffset.UnixEpoch.AddDays(20_000), Labels.Empty, arrange: context => context with
        {
            Settings = context.Settings with { Reads = context.Settings.Reads with { Concurrency = 1 } },
        });
        await SixHours.AppendAsync(_node.Storage);
        StoredAnswers.Register(_routes, _node.Context);
        _server = new PeerServer(
            new PeerHandler(Terms("node2"), _routes, TimeProvider.System, new MetricsRegistry(), NullLogger<PeerHandler>.Instance), new ListenAddress("127.0.0.1", 0), NullLoggerFactory.Instance);
        Assert.Null(await _server.TryStartAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _node.DisposeAsync();
    }

    [Fact(Timeout = WaitMs)]
    public async Task Asker_ThatEndsInTheMiddle_LeavesNothingHeld()
    {
        await using (var parts = Ask())
        {
            await FirstSeriesAsync(parts);
            Assert.Equal(1, _node.Storage.Storage.Query.Pending.Count);
        }

        // The only turn is free again.
        await using (var parts = Ask())
        {
            await FirstSeriesAsync(parts);
        }

        await SixHours.UntilNothingIsHeldAsync(_node.Storage);
    }

    private static PeerTerms Terms(string node) => new() { Cluster = "test", Node = node, Secret = new ClusterSecret("correct horse battery staple") };

    private IAsyncEnumerator<StoredPart> Ask()
    {
        var everything = new StoredQuestion([LabelMatcher.Equal(Labels.MetricName, "m")], 0, long.MaxValue);
        return _client
            .StreamAsync(new PeerAddress("node2", _server.Address.ToString()), PeerMethods.Series, everything.ToWire(), StoredPart.Parser, TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    private static async Task FirstSeriesAsync(IAsyncEnumerator<StoredPart> parts)
    {
        do
        {
            Assert.True(await parts.MoveNextAsync());
        }
        while (parts.Current.Series.Count == 0);
    }
}
