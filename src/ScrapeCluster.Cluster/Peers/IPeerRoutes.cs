using Google.Protobuf;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>Where the parts of a node say what they answer to other nodes. The listener asks it only after the proof of the secret has been checked.</summary>
public interface IPeerRoutes
{
    /// <summary>At most one answer a method: a later one replaces the one before. An exception becomes an error at the caller and a log line here.</summary>
    void Answer<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<IMessage>> answer)
        where TRequest : IMessage<TRequest>;

    /// <summary>The token ends with the caller's connection.</summary>
    void Stream<TRequest>(string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, IAsyncEnumerable<IMessage>> answers)
        where TRequest : IMessage<TRequest>;
}
