using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>Active targets with the metric families that they expose.</summary>
internal sealed class TargetMetadataQuestion() : Question<MetadataAsked, IReadOnlyList<TargetState>>("target-metadata", MetadataAsked.Parser)
{
    public override ValueTask<IReadOnlyList<TargetState>> AnswerAsync(NodeContext node, MetadataAsked asked, CancellationToken cancellation)
    {
        var matchers = MatchersOf(node, asked.TargetSelector);
        var found = new List<TargetState>();
        var families = 0;
        foreach (var (target, said) in matchers is null ? [] : node.Board.Metadata())
        {
            // As in Prometheus, the limit is looked at between targets: one that has begun is told whole.
            if (asked.Limit >= 0 && families >= asked.Limit)
            {
                break;
            }

            if (matchers!.All(matcher => matcher.Matches(target.Labels.Get(matcher.Name) ?? "")))
            {
                var told = said.Where(family => asked.Metric.Length == 0 || family.Name == asked.Metric)
                    .Select(family => new FamilyTexts(family.Name, [new MetricMetadata(family.Type, family.Help, family.Unit)]))
                    .ToList();
                families += told.Count;
                found.Add(new TargetState(target, told));
            }
        }

        return ValueTask.FromResult<IReadOnlyList<TargetState>>(found);
    }

    public override IReadOnlyList<TargetState> Read(ByteString body) => TargetsWire.Read(body);

    protected override IMessage Write(IReadOnlyList<TargetState> part) => TargetsWire.Write(part);

    /// <summary>Targets carry their replica's label; readers do not see it.</summary>
    private static IReadOnlyList<LabelMatcher>? MatchersOf(NodeContext node, string selector)
    {
        return selector.Length == 0 ? [] : Selectors.Parse([selector], node.ReplicaLabelOf()).FirstOrDefault();
    }
}
