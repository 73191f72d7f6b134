using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>The active targets that a node scrapes, sorted.</summary>
internal sealed class TargetsQuestion() : Question<TargetsAsked, IReadOnlyList<TargetState>>("targets", TargetsAsked.Parser)
{
    public override ValueTask<IReadOnlyList<TargetState>> AnswerAsync(NodeContext node, TargetsAsked asked, CancellationToken cancellation)
    {
        var search = asked.Search.Length == 0 ? null : TargetSearch.Parse(asked.Search, out var fault) ?? throw new InvalidDataException(fault);
        var targets = node.Board.ActiveTargets(asked.Job.Length > 0 ? asked.Job : null)
            .Where(target => search is null || search.Finds(target.ScrapeUrl, target.Hash, target.Labels, target.DiscoveredLabels));
        return ValueTask.FromResult<IReadOnlyList<TargetState>>([.. targets.Select(target => new TargetState(target, []))]);
    }

    public override IReadOnlyList<TargetState> Read(ByteString body) => TargetsWire.Read(body);

    protected override IMessage Write(IReadOnlyList<TargetState> part) => TargetsWire.Write(part);
}
