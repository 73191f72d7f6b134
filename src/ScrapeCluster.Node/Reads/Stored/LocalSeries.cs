using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>What this node has stored, in batches that are read ahead.</summary>
internal static class LocalSeries
{
    private const int BatchBytes = 256 * 1024;

    /// <summary>Beside its chunks; about what the labels of a series take.</summary>
    private const int SeriesBytes = 256;

    private const int BatchesAhead = 2;

    /// <exception cref="IOException">What is stored cannot be read.</exception>
    /// <exception cref="QueryLimitException">The question wants more than it may have.</exception>
    public static async IAsyncEnumerable<IReadOnlyList<FoundSeries>> ReadAsync(
        NodeContext node, StoredQuestion asked, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var batches = Channel.CreateBounded<IReadOnlyList<FoundSeries>>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        var reading = ReadThread.Run(() => Read(node, asked, batches.Writer, over.Token));
        try
        {
            await foreach (var batch in batches.Reader.ReadAllAsync(over.Token))
            {
                yield return batch;
            }
        }
        finally
        {
            // The blocks are let go before the question counts as over.
            await over.CancelAsync();
            await reading;
        }
    }

    private static void Read(NodeContext node, StoredQuestion asked, ChannelWriter<IReadOnlyList<FoundSeries>> batches, CancellationToken cancellation)
    {
        try
        {
            var selection = new Selection(asked.Matchers, asked.MinMs, asked.MaxMs) { IsOfLabels = asked.IsOfLabels };
            using var series = ReplicaCursor.Open(node.Storage.Query, selection, node.ReplicaLabelOf(), asked.Limits);
            var batch = new List<FoundSeries>();
            var bytes = 0;
            while (series.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                batch.Add(new FoundSeries(series.Labels, series.Replica, Kept(series.Chunks, ref bytes)));
                bytes += SeriesBytes;
                if (bytes >= BatchBytes)
                {
                    Hand(batches, batch, cancellation);
                    (batch, bytes) = ([], 0);
                }
            }

            Hand(batches, batch, cancellation);
            batches.Complete();
        }
        catch (Exception e)
        {
            batches.Complete(e);
        }
    }

    /// <summary>On the thread of the reading, which has nothing else to do.</summary>
    private static void Hand(ChannelWriter<IReadOnlyList<FoundSeries>> batches, List<FoundSeries> batch, CancellationToken cancellation)
    {
        batches.WriteAsync(batch, cancellation).AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Chunks in one array of their own.</summary>
    private static BlockChunk[] Kept(IReadOnlyList<BlockChunk> borrowed, ref int bytes)
    {
        var length = borrowed.Sum(chunk => chunk.Data.Length);
        var kept = new byte[length];
        var chunks = new BlockChunk[borrowed.Count];
        var at = 0;
        for (var i = 0; i < chunks.Length; i++)
        {
            var data = kept.AsMemory(at, borrowed[i].Data.Length);
            borrowed[i].Data.CopyTo(data);
            chunks[i] = borrowed[i] with { Data = data };
            at += data.Length;
        }

        bytes += length;
        return chunks;
    }
}
