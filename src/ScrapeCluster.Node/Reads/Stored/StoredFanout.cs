using System.Runtime.CompilerServices;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// Asks all nodes for stored series, as streams that are read no faster than they are merged. A node that does not begin within <see cref="Fanout.Patience"/>
/// is missing, as in <see cref="Fanout"/>.
/// </summary>
internal sealed class StoredFanout(NodeContext node)
{
    /// <summary>A node that has begun may search long for its next series, but a quiet disk or network is a broken one at some point.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    public async Task<StoredAnswer> AskAllAsync(StoredQuestion asked, CancellationToken cancellation)
    {
        var others = node.Cluster is { } cluster ? Fanout.Others(cluster) : [];
        var beginning = others.Select(member => BeginAsync(member, asked, cancellation)).ToList();
        var begun = await AllOfAsync(beginning);
        var streams = new List<SeriesStream> { new(node.Cluster?.Node ?? "", LocalSeries.ReadAsync(node, asked, cancellation), Timeout.InfiniteTimeSpan, node.Time, cancellation) };
        streams.AddRange(begun.Select(one => one.Stream).OfType<SeriesStream>());
        return new StoredAnswer(
            streams, [.. begun.Select(one => one.Missing).OfType<MissingNode>()], node.Config.Current.Config.Global.ScrapeInterval, Fanout.MissingOf(node.Metrics));
    }

    /// <summary>One that has more than was allowed ends the question; the others are not left open, since their nodes hold what they read from.</summary>
    private static async Task<(SeriesStream? Stream, MissingNode? Missing)[]> AllOfAsync(List<Task<(SeriesStream? Stream, MissingNode? Missing)>> beginning)
    {
        try
        {
            return await Task.WhenAll(beginning);
        }
        catch
        {
            foreach (var begun in beginning.Where(one => one.IsCompletedSuccessfully))
            {
                await ((await begun).Stream?.DisposeAsync() ?? ValueTask.CompletedTask);
            }

            throw;
        }
    }

    private async Task<(SeriesStream? Stream, MissingNode? Missing)> BeginAsync(Member member, StoredQuestion asked, CancellationToken cancellation)
    {
        var messages = node.Cluster!.Peers.StreamAsync(new PeerAddress(member.Node, member.Address), PeerMethods.Series, asked.ToWire(), StoredPart.Parser, cancellation);
        var stream = new SeriesStream(member.Node, BatchesOf(messages, cancellation), Silence, node.Time, cancellation);
        var hasBegun = false;
        try
        {
            var reason = await stream.TryBeginAsync(Fanout.Patience);
            hasBegun = reason is null;
            if (hasBegun)
            {
                return (stream, null);
            }

            Fanout.MissingOf(node.Metrics).Inc();
            return (null, new MissingNode(member.Node, reason!));
        }
        finally
        {
            if (!hasBegun)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private static async IAsyncEnumerable<IReadOnlyList<FoundSeries>> BatchesOf(
        IAsyncEnumerable<StoredPart> parts, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var part in parts.WithCancellation(cancellation))
        {
            yield return StoredWire.Read(part);
        }
    }
}
