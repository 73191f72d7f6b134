using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// Asks the nodes of the cluster for their parts of an answer, all at the same time. A node that cannot be reached, takes too long or answers what cannot be
/// read is missing, with the reason; it never fails the answer. Without other members nothing is encoded and nothing leaves the node.
/// </summary>
internal sealed class Fanout(NodeContext node)
{
    /// <summary>For one part; a person waits, and a Prometheus that federates has a scrape timeout.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Counter _missing = MissingOf(node.Metrics);

    public static Counter MissingOf(MetricsRegistry metrics) => metrics.Counter(
        "scrapecluster_read_missing_nodes_total", "Parts of cluster-wide answers that a node did not give, so that the answer was partial.");

    public async Task<FanoutAnswer<TPart>> AskAllAsync<TAsked, TPart>(Question<TAsked, TPart> question, TAsked asked, CancellationToken cancellation)
        where TAsked : IMessage<TAsked>
    {
        var others = node.Cluster is { } cluster ? Others(cluster) : [];
        var asking = others.Select(member => AskAsync(member, question, asked, Patience, cancellation)).ToList();
        var parts = new List<NodePart<TPart>> { new(node.Cluster?.Node ?? "", await question.AnswerAsync(node, asked, cancellation)) };
        var missing = new List<MissingNode>();
        foreach (var answer in await Task.WhenAll(asking))
        {
            parts.AddRange(answer.Parts);
            missing.AddRange(answer.Missing);
        }

        return new FanoutAnswer<TPart>(parts, missing);
    }

    /// <summary>The part of the node that leads; a part at most.</summary>
    public Task<FanoutAnswer<TPart>> AskLeaderAsync<TAsked, TPart>(Question<TAsked, TPart> question, TAsked asked, CancellationToken cancellation)
        where TAsked : IMessage<TAsked>
    {
        if (node.Cluster is not { } cluster)
        {
            return AskOneAsync("", question, asked, Patience, cancellation);
        }

        var lease = cluster.Board.Current.Lease;
        return lease.Holder.Length > 0
            ? AskOneAsync(lease.Holder, question, asked, Patience, cancellation)
            : Task.FromResult(new FanoutAnswer<TPart>([], [new MissingNode("leader", "nobody leads the cluster now")]));
    }

    /// <summary>The part of one node, which may be this one; a part at most.</summary>
    public async Task<FanoutAnswer<TPart>> AskOneAsync<TAsked, TPart>(
        string name, Question<TAsked, TPart> question, TAsked asked, TimeSpan patience, CancellationToken cancellation)
        where TAsked : IMessage<TAsked>
    {
        if (node.Cluster is not { } cluster || name == cluster.Node)
        {
            return new FanoutAnswer<TPart>([new NodePart<TPart>(name, await question.AnswerAsync(node, asked, cancellation))], []);
        }

        return cluster.Board.Current.Members.FirstOrDefault(member => member.Node == name) is { } member
            ? await AskAsync(member, question, asked, patience, cancellation)
            : new FanoutAnswer<TPart>([], [new MissingNode(name, "there is no such member", IsUnknown: true)]);
    }

    /// <summary>Members that may have something to say; one that is down has ended, and what it knew is its own.</summary>
    public static List<Member> Others(ClusterAccess cluster)
    {
        return [.. cluster.Board.Current.Members
            .Where(member => member.State != MemberState.Down && member.Node != cluster.Node && member.Address.Length > 0)
            .OrderBy(member => member.Node, StringComparer.Ordinal)];
    }

    private async Task<FanoutAnswer<TPart>> AskAsync<TAsked, TPart>(
        Member member, Question<TAsked, TPart> question, TAsked asked, TimeSpan patience, CancellationToken cancellation)
        where TAsked : IMessage<TAsked>
    {
        try
        {
            var request = new ReadEnvelope { Kind = question.Kind, Body = asked.ToByteString() };
            var answer = await node.Cluster!.Peers
                .CallAsync(new PeerAddress(member.Node, member.Address), PeerMethods.Read, request, ReadEnvelope.Parser, patience, cancellation)
                .WaitAsync(patience, node.Time, cancellation);
            return answer.Fault.Length > 0
                ? new FanoutAnswer<TPart>([], [Miss(member.Node, answer.Fault)])
                : new FanoutAnswer<TPart>([new NodePart<TPart>(member.Node, question.Read(answer.Body))], []);
        }
        catch (Exception e) when (ReasonOf(e, patience) is not null && !cancellation.IsCancellationRequested)
        {
            return new FanoutAnswer<TPart>([], [Miss(member.Node, ReasonOf(e, patience)!)]);
        }
    }

    /// <summary>Null for what is a bug of this node, not news of the other.</summary>
    private static string? ReasonOf(Exception failure, TimeSpan patience) => failure switch
    {
        TimeoutException or OperationCanceledException => $"no answer within {patience.TotalSeconds:0.#} s",
        PeerUnavailableException => failure.Message,
        InvalidProtocolBufferException or InvalidDataException => $"its answer cannot be read: {failure.Message}",
        _ => null,
    };

    private MissingNode Miss(string name, string reason)
    {
        _missing.Inc();
        return new MissingNode(name, reason);
    }
}
