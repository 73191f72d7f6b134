using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>The label sets of the selected series, sorted, each once.</summary>
internal sealed class SeriesQuestion() : Question<SelectorsAsked, IReadOnlyList<Labels>>("series", SelectorsAsked.Parser)
{
    public override ValueTask<IReadOnlyList<Labels>> AnswerAsync(NodeContext node, SelectorsAsked asked, CancellationToken cancellation)
    {
        return new ValueTask<IReadOnlyList<Labels>>(ReadThread.Run(() => Answer(node, asked, cancellation)));
    }

    public override IReadOnlyList<Labels> Read(ByteString body) => [.. SeriesPart.Parser.ParseFrom(body).Labels.Select(LabelsWire.Read)];

    protected override IMessage Write(IReadOnlyList<Labels> part) => new SeriesPart { Labels = { part.Select(LabelsWire.Write) } };

    public static IReadOnlyList<Labels> Merge(IReadOnlyList<NodePart<IReadOnlyList<Labels>>> parts)
    {
        return parts is [var only] ? only.Part : [.. parts.SelectMany(part => part.Part).Distinct().Order(LabelsOrder.Instance)];
    }

    private static IReadOnlyList<Labels> Answer(NodeContext node, SelectorsAsked asked, CancellationToken cancellation)
    {
        var replica = node.ReplicaLabelOf();
        var found = new HashSet<Labels>();

        // Who limits the answer gets as many, however many there are.
        var limits = new QueryLimits(asked.Limit > 0 ? 0 : node.Settings.Reads.MaxSeries, 0);
        foreach (var matchers in Selectors.Parse(asked.Selectors, replica))
        {
            // Sorted, so the first of each selector are enough for the first of all.
            var selection = new Selection(matchers, asked.StartMs, asked.EndMs) { IsOfLabels = true };
            using var series = ReplicaCursor.Open(node.Storage.Query, selection, replica, limits);
            var own = new HashSet<Labels>();
            while (series.MoveNext() && (asked.Limit == 0 || own.Count <= asked.Limit))
            {
                cancellation.ThrowIfCancellationRequested();
                own.Add(series.Labels);
            }

            found.UnionWith(own);
        }

        return Selectors.Head([.. found.Order(LabelsOrder.Instance)], asked.Limit);
    }
}
