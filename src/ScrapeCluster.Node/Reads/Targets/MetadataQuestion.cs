using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Reads;

/// <summary>Metric families by name, each with the distinct texts that targets say of it.</summary>
internal sealed class MetadataQuestion() : Question<MetadataAsked, IReadOnlyList<FamilyTexts>>("metadata", MetadataAsked.Parser)
{
    public override ValueTask<IReadOnlyList<FamilyTexts>> AnswerAsync(NodeContext node, MetadataAsked asked, CancellationToken cancellation)
    {
        var said = node.Board.Metadata()
            .SelectMany(target => target.Families)
            .Where(family => asked.Metric.Length == 0 || family.Name == asked.Metric)
            .Select(family => (family.Name, Text: new MetricMetadata(family.Type, family.Help, family.Unit)));
        var families = Gather(said);
        return ValueTask.FromResult<IReadOnlyList<FamilyTexts>>(asked.Limit >= 0 ? [.. families.Take(asked.Limit)] : families);
    }

    public static IReadOnlyList<FamilyTexts> Merge(IReadOnlyList<NodePart<IReadOnlyList<FamilyTexts>>> parts)
    {
        return parts is [var only] ? only.Part : Gather(parts.SelectMany(part => part.Part).SelectMany(family => family.Texts.Select(text => (family.Name, text))));
    }

    public override IReadOnlyList<FamilyTexts> Read(ByteString body) => [.. MetadataPart.Parser.ParseFrom(body).Families.Select(TargetsWire.Read)];

    protected override IMessage Write(IReadOnlyList<FamilyTexts> part) => new MetadataPart { Families = { part.Select(TargetsWire.Write) } };

    private static List<FamilyTexts> Gather(IEnumerable<(string Name, MetricMetadata Text)> said)
    {
        var families = new SortedDictionary<string, HashSet<MetricMetadata>>(StringComparer.Ordinal);
        foreach (var (name, text) in said)
        {
            if (!families.TryGetValue(name, out var texts))
            {
                families[name] = texts = [];
            }

            texts.Add(text);
        }

        return [.. families.Select(family => new FamilyTexts(family.Key, [.. family.Value]))];
    }
}
