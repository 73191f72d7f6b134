using System.Collections.Concurrent;
using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>Members that are ready for everything at once, unless told otherwise.</summary>
internal sealed class ScriptedPeers : IPeers
{
    public ConcurrentQueue<(string Node, string Method, IMessage Request)> Calls { get; } = new();

    /// <summary>What a node answers to Prepare; may be an answer that comes later, or never.</summary>
    public Func<string, PrepareRequest, Task<PrepareAnswer>> OnPrepare { get; set; } = (_, request) => Task.FromResult(Ready(request));

    public static PrepareAnswer Ready(PrepareRequest request)
    {
        var answer = new PrepareAnswer();
        answer.Prepared.AddRange(request.Slots);
        return answer;
    }

    public async Task<TAnswer> CallAsync<TAnswer>(PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, TimeSpan timeout, CancellationToken cancellation)
        where TAnswer : IMessage<TAnswer>
    {
        Calls.Enqueue((to.Node, method, request));
        IMessage answer = method == PeerMethods.Prepare ? await OnPrepare(to.Node, (PrepareRequest)request) : new Empty();
        return (TAnswer)answer;
    }

    public IAsyncEnumerable<TAnswer> StreamAsync<TAnswer>(PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, CancellationToken cancellation)
        where TAnswer : IMessage<TAnswer> => throw new NotSupportedException();

    public Task<bool> IsListeningAsync(PeerAddress to, TimeSpan timeout, CancellationToken cancellation) => throw new NotSupportedException();
}
