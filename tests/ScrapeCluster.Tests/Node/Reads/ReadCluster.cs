using System.Runtime.CompilerServices;
using Google.Protobuf;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Node.Reads;

/// <summary>
/// The endpoints of several nodes in this process, each with a storage and a board that the test fills. They ask each other through <see cref="IPeers"/>, every
/// message by its bytes; a test may put anything else in the place of a node's answer.
/// </summary>
internal sealed class ReadCluster : IAsyncDisposable
{
    public const string Secret = "the secret of this test";
    public static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private readonly Dictionary<string, EndpointFixture> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClusterBoard> _boards = new(StringComparer.Ordinal);
    private readonly string _leader;
    private int _openStreams;
    private int _calls;

    private ReadCluster(string leader, InProcessStore store)
    {
        _leader = leader;
        Store = store;
    }

    public EndpointFixture this[string node] => _nodes[node];

    public InProcessStore Store { get; }

    /// <summary>What a node does instead of answering.</summary>
    public Dictionary<string, Func<ReadEnvelope, CancellationToken, Task<ReadEnvelope>>> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>What a node streams instead of its series.</summary>
    public Dictionary<string, Func<IEnumerable<StoredPart>, IEnumerable<StoredPart>>> StreamFaults { get; } = new(StringComparer.Ordinal);

    /// <summary>Nodes whose streams never begin; each is told when one was asked for.</summary>
    public Dictionary<string, TaskCompletionSource> Silent { get; } = new(StringComparer.Ordinal);

    /// <summary>Streams between nodes that nobody ended yet.</summary>
    public int OpenStreams => Volatile.Read(ref _openStreams);

    /// <summary>Questions that went over the wire.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public static async Task<ReadCluster> StartAsync(string[] nodes, string replicaLabel = "", Func<ClusterAccess, ClusterAccess>? arrange = null,
        Func<NodeContext, NodeContext>? arrangeNode = null)
    {
        var cluster = new ReadCluster(nodes[0], new InProcessStore(new Testing.ManualTimeProvider(Now)));
        foreach (var node in nodes)
        {
            var board = cluster._boards[node] = new ClusterBoard();
            var access = new ClusterAccess
            {
                Terms = new ClusterTerms { Cluster = "test", Node = node, DataId = node },
                Board = board,
                Peers = new Peers(cluster),
                Store = cluster.Store,
                ReplicaLabel = () => replicaLabel,
            };
            cluster._nodes[node] = await EndpointFixture.StartAsync(Now, Labels.Empty, arrange: context => (arrangeNode?.Invoke(context) ?? context) with
            {
                Cluster = arrange?.Invoke(access) ?? access,
                AdminToken = AdminToken.FromSecret(System.Text.Encoding.UTF8.GetBytes(Secret)),
            });
        }

        cluster.Publish([.. nodes.Select(node => MemberOf(node))]);
        return cluster;
    }

    public ClusterBoard Board(string node) => _boards[node];

    /// <summary>The same picture on every node, the first of them leading.</summary>
    public void Publish(IReadOnlyList<Member> members, params Assignment[] rows)
    {
        foreach (var (node, board) in _boards)
        {
            board.Publish(ClusterPicture.Empty with
            {
                Incarnation = 1,
                State = MemberState.Up,
                Lease = new LeaseView(_leader, 3, false),
                LeaderEpoch = node == _leader ? 3 : null,
                Members = members,
                Assignments = rows.ToDictionary(row => row.Slot),
                AssignmentVersion = rows.Length,
                ReadAt = Now,
            });
        }
    }

    public static Member MemberOf(string node, MemberState state = MemberState.Up)
    {
        return new Member(node, 1, node, $"{node}:9096", $"http://{node}:9095", "", state, 0, 100, 1, 0, 0, "", 3, 1, "0.1.0", false, TimeSpan.FromMilliseconds(300));
    }

    /// <summary>A pool with one target on a node's board.</summary>
    public void Scrapes(string node, string job, ulong hash, DateTimeOffset? lastScrape, string error = "", int slot = 0, string instance = "x:80", params (string Name, string Value)[] labels)
    {
        var cell = new TargetCell(job, slot, hash);
        cell.Describe(new TargetDescription(
            Labels.Of([("instance", instance), ("job", job), .. labels]), Labels.Of(("__address__", instance)), $"http://{instance}/metrics", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)));
        var health = lastScrape is null ? TargetHealth.Unknown : error.Length > 0 ? TargetHealth.Down : TargetHealth.Up;
        cell.Report(new ScrapeReport(health, error, lastScrape, TimeSpan.FromMilliseconds(2), 50, lastScrape?.AddSeconds(10), 0));
        var pool = new PoolBoard(job, slot) { Targets = [cell] };
        _nodes[node].Context.Board.Add(pool);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values)
        {
            await node.DisposeAsync();
        }
    }

    private async Task<ReadEnvelope> AskAsync(string node, byte[] request, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _calls);
        var asked = ReadEnvelope.Parser.ParseFrom(request);
        return Faults.TryGetValue(node, out var fault) ? await fault(asked, cancellation) : await PeerAnswers.AnswerAsync(_nodes[node].Context, asked, cancellation);
    }

    private sealed class Peers(ReadCluster cluster) : IPeers
    {
        public async Task<TAnswer> CallAsync<TAnswer>(
            PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, TimeSpan timeout, CancellationToken cancellation)
            where TAnswer : IMessage<TAnswer>
        {
            Assert.Equal(PeerMethods.Read, method);
            Assert.Equal($"{to.Node}:9096", to.Address);
            return parser.ParseFrom((await cluster.AskAsync(to.Node, request.ToByteArray(), cancellation)).ToByteArray());
        }

        public async IAsyncEnumerable<TAnswer> StreamAsync<TAnswer>(
            PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, [EnumeratorCancellation] CancellationToken cancellation)
            where TAnswer : IMessage<TAnswer>
        {
            Assert.Equal(PeerMethods.Series, method);
            if (cluster.Silent.TryGetValue(to.Node, out var wasAsked))
            {
                wasAsked.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            var asked = StoredAsked.Parser.ParseFrom(request.ToByteArray());
            var parts = new List<StoredPart>();
            await foreach (var part in new StoredAnswers(cluster._nodes[to.Node].Context).AnswerAsync(asked, cancellation))
            {
                parts.Add((StoredPart)part);
            }

            Interlocked.Increment(ref cluster._openStreams);
            try
            {
                foreach (var part in cluster.StreamFaults.TryGetValue(to.Node, out var fault) ? fault(parts) : parts)
                {
                    yield return parser.ParseFrom(part.ToByteArray());
                }
            }
            finally
            {
                Interlocked.Decrement(ref cluster._openStreams);
            }
        }

        public Task<bool> IsListeningAsync(PeerAddress to, TimeSpan timeout, CancellationToken cancellation) => Task.FromResult(true);
    }
}
