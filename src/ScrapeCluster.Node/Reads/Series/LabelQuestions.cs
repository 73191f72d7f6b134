using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>Texts of the selected series, sorted, each once: what <see cref="LabelNamesQuestion"/> and <see cref="LabelValuesQuestion"/> share.</summary>
internal abstract class TextsQuestion(string kind) : Question<SelectorsAsked, IReadOnlyList<string>>(kind, SelectorsAsked.Parser)
{
    public override ValueTask<IReadOnlyList<string>> AnswerAsync(NodeContext node, SelectorsAsked asked, CancellationToken cancellation)
    {
        return new ValueTask<IReadOnlyList<string>>(ReadThread.Run(() => Answer(node, asked)));
    }

    public override IReadOnlyList<string> Read(ByteString body) => TextsPart.Parser.ParseFrom(body).Texts;

    public static IReadOnlyList<string> Merge(IReadOnlyList<NodePart<IReadOnlyList<string>>> parts)
    {
        return parts is [var only] ? only.Part : [.. new SortedSet<string>(parts.SelectMany(part => part.Part), StringComparer.Ordinal)];
    }

    protected override IMessage Write(IReadOnlyList<string> part) => new TextsPart { Texts = { part } };

    private IReadOnlyList<string> Answer(NodeContext node, SelectorsAsked asked)
    {
        var replica = node.ReplicaLabelOf();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var selector in Selectors.ParseOrAll(asked, replica))
        {
            found.UnionWith(Find(node, asked, selector, replica));
        }

        return Selectors.Head([.. found], asked.Limit);
    }

    protected abstract IEnumerable<string> Find(NodeContext node, SelectorsAsked asked, IReadOnlyList<LabelMatcher> selector, ReplicaLabel replica);
}

internal sealed class LabelNamesQuestion() : TextsQuestion("label-names")
{
    protected override IEnumerable<string> Find(NodeContext node, SelectorsAsked asked, IReadOnlyList<LabelMatcher> selector, ReplicaLabel replica)
    {
        return node.Storage.Query.LabelNames(selector, asked.StartMs, asked.EndMs).Where(name => !replica.Is(name));
    }
}

internal sealed class LabelValuesQuestion() : TextsQuestion("label-values")
{
    protected override IEnumerable<string> Find(NodeContext node, SelectorsAsked asked, IReadOnlyList<LabelMatcher> selector, ReplicaLabel replica)
    {
        return replica.Is(asked.Label) ? [] : node.Storage.Query.LabelValues(asked.Label, selector, asked.StartMs, asked.EndMs);
    }
}
