using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>Peers without sockets: calls go to the other node's routes as bytes. Nodes can be killed, and lines cut without a packet.</summary>
internal sealed class PeerNetwork
{
    private readonly ConcurrentDictionary<string, Port> _ports = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string From, string To), bool> _cut = new();

    public (IPeers Peers, IPeerRoutes Routes) Attach(string node)
    {
        var port = _ports[node] = new Port();
        return (new Peers(this, node, port), port);
    }

    /// <summary>Its connections break, in both directions, and its port refuses.</summary>
    public void Kill(string node)
    {
        if (_ports.TryRemove(node, out var port))
        {
            port.Ended.Cancel();
        }
    }

    /// <summary>Nothing gets through, and nothing breaks.</summary>
    public void Cut(string one, string other) => _cut[(one, other)] = _cut[(other, one)] = true;

    public void Heal() => _cut.Clear();

    private bool IsCut(string from, string to) => _cut.ContainsKey((from, to));

    private Port PortOf(PeerAddress to) => _ports.TryGetValue(to.Node, out var port) ? port : throw new PeerUnavailableException($"{to.Address} refuses", isRefused: true);

    private sealed class Port : IPeerRoutes
    {
        public CancellationTokenSource Ended { get; } = new();

        public ConcurrentDictionary<string, Func<byte[], CancellationToken, Task<IMessage>>> Answers { get; } = new();

        public ConcurrentDictionary<string, Func<byte[], CancellationToken, IAsyncEnumerable<IMessage>>> Streams { get; } = new();

        public void Answer<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<IMessage>> answer)
            where TRequest : IMessage<TRequest> => Answers[method] = (request, cancellation) => answer(parser.ParseFrom(request), cancellation);

        public void Stream<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, IAsyncEnumerable<IMessage>> answers)
            where TRequest : IMessage<TRequest> => Streams[method] = (request, cancellation) => answers(parser.ParseFrom(request), cancellation);
    }

    private sealed class Peers(PeerNetwork network, string self, Port own) : IPeers
    {
        public async Task<TAnswer> CallAsync<TAnswer>(
            PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, TimeSpan timeout, CancellationToken cancellation)
            where TAnswer : IMessage<TAnswer>
        {
            var port = network.PortOf(to);
            return network.IsCut(self, to.Node)
                ? throw new PeerUnavailableException("timed out", isRefused: false)
                : parser.ParseFrom((await port.Answers[method](request.ToByteArray(), cancellation)).ToByteArray());
        }

        public async IAsyncEnumerable<TAnswer> StreamAsync<TAnswer>(
            PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, [EnumeratorCancellation] CancellationToken cancellation)
            where TAnswer : IMessage<TAnswer>
        {
            var port = network.PortOf(to);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(port.Ended.Token, own.Ended.Token, cancellation);
            await using var answers = port.Streams[method](request.ToByteArray(), either.Token).GetAsyncEnumerator(either.Token);
            while (true)
            {
                try
                {
                    if (!await answers.MoveNextAsync())
                    {
                        break;
                    }
                }
                catch (Exception fault) when (!cancellation.IsCancellationRequested)
                {
                    throw new PeerUnavailableException($"the stream broke: {fault.Message}", isRefused: false, fault);
                }

                if (!network.IsCut(self, to.Node))
                {
                    yield return parser.ParseFrom(answers.Current.ToByteArray());
                }
            }
        }

        public Task<bool> IsListeningAsync(PeerAddress to, TimeSpan timeout, CancellationToken cancellation) =>
            Task.FromResult(network._ports.ContainsKey(to.Node) || network.IsCut(self, to.Node));
    }
}
