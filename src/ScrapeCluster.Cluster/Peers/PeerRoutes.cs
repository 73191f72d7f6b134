using System.Collections.Concurrent;
using Google.Protobuf;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>The table of what this node answers; parts of it fill it in as they start.</summary>
public sealed class PeerRoutes : IPeerRoutes
{
    private readonly ConcurrentDictionary<string, PeerRoute> _routes = new(StringComparer.Ordinal);

    public void Answer<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<IMessage>> answer)
        where TRequest : IMessage<TRequest>
    {
        _routes[method] = new PeerRoute((body, cancellation) => answer(parser.ParseFrom(body), cancellation), null);
    }

    public void Stream<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, IAsyncEnumerable<IMessage>> answers)
        where TRequest : IMessage<TRequest>
    {
        _routes[method] = new PeerRoute(null, (body, cancellation) => answers(parser.ParseFrom(body), cancellation));
    }

    internal PeerRoute? Find(string method) => _routes.GetValueOrDefault(method);
}

/// <summary>One of the two.</summary>
internal sealed record PeerRoute(
    Func<byte[], CancellationToken, Task<IMessage>>? Answer,
    Func<byte[], CancellationToken, IAsyncEnumerable<IMessage>>? Answers);
