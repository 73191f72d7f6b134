using System.Runtime.CompilerServices;
using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// The other side of <see cref="StoredFanout"/>: this node's series for those that ask. As many at the same time as this node answers clients; the turns are
/// others, since two nodes that wait for each other's turns would wait for ever.
/// </summary>
internal sealed class StoredAnswers(NodeContext node)
{
    private readonly SemaphoreSlim? _turns = node.Settings.Reads.Concurrency is > 0 and var concurrency ? new SemaphoreSlim(concurrency) : null;

    public static void Register(IPeerRoutes routes, NodeContext node)
    {
        routes.Stream(PeerMethods.Series, StoredAsked.Parser, new StoredAnswers(node).AnswerAsync);
    }

    public async IAsyncEnumerable<IMessage> AnswerAsync(StoredAsked asked, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (!node.Readiness.IsServing)
        {
            yield return new StoredPart { Fault = "it is not ready yet, or stops" };
            yield break;
        }

        // At once, so that whoever asks can tell a long search from a node that is gone.
        yield return new StoredPart();
        await using var batches = BatchesAsync(asked, cancellation).GetAsyncEnumerator(cancellation);
        while (await NextAsync(batches) is { } part)
        {
            yield return part;
            if (part.Fault.Length > 0)
            {
                yield break;
            }
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<FoundSeries>> BatchesAsync(StoredAsked asked, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var question = StoredQuestion.FromWire(asked);
        await (_turns?.WaitAsync(cancellation) ?? Task.CompletedTask);
        try
        {
            await foreach (var batch in LocalSeries.ReadAsync(node, question, cancellation))
            {
                yield return batch;
            }
        }
        finally
        {
            _turns?.Release();
        }
    }

    /// <summary>Null at the end. What goes wrong is told to whoever asks.</summary>
    private static async ValueTask<StoredPart?> NextAsync(IAsyncEnumerator<IReadOnlyList<FoundSeries>> batches)
    {
        try
        {
            return await batches.MoveNextAsync() ? StoredWire.Write(batches.Current) : null;
        }
        catch (QueryLimitException e)
        {
            return StoredWire.Write(e);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return new StoredPart { Fault = e.Message };
        }
    }
}
