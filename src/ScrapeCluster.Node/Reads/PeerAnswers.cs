using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>The other side of <see cref="Fanout"/>: this node's parts for those that ask.</summary>
internal static class PeerAnswers
{
    /// <summary>A part that is larger is not sent: whoever asks holds one of every node in memory.</summary>
    public const int MaxPartBytes = 48 << 20;

    public static void Register(IPeerRoutes routes, NodeContext node)
    {
        routes.Answer(PeerMethods.Read, ReadEnvelope.Parser, async (asked, cancellation) => await AnswerAsync(node, asked, cancellation));
    }

    public static async Task<ReadEnvelope> AnswerAsync(NodeContext node, ReadEnvelope asked, CancellationToken cancellation)
    {
        if (!node.Readiness.IsServing)
        {
            return Refused(asked, "it is not ready yet, or stops");
        }

        if (!Questions.ByKind.TryGetValue(asked.Kind, out var question))
        {
            return Refused(asked, $"it is of another version and does not know the question \"{asked.Kind}\"");
        }

        try
        {
            var part = await question.AnswerPeerAsync(node, asked.Body, cancellation);
            return part.Length <= MaxPartBytes
                ? new ReadEnvelope { Kind = asked.Kind, Body = part }
                : Refused(asked, $"its part has {part.Length} bytes, more than {MaxPartBytes}: ask for less, by match[] or a limit");
        }
        catch (Exception e) when (e is QueryLimitException or IOException or InvalidDataException or InvalidProtocolBufferException or OrderRefusedException)
        {
            return Refused(asked, e.Message);
        }
    }

    private static ReadEnvelope Refused(ReadEnvelope asked, string fault) => new() { Kind = asked.Kind, Fault = fault };
}

/// <summary>A node does not do what it was told over a question, and says why.</summary>
internal sealed class OrderRefusedException(string message) : Exception(message);
