using ScrapeCluster.Tests.Architecture;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ScrapeCluster.Tests.Deployment;

/// <summary>The documents of a YAML file of the repository, merge keys resolved.</summary>
internal static class YamlFile
{
    public static IReadOnlyList<YamlMappingNode> Documents(params string[] path)
    {
        using var reader = new StreamReader(RepositoryFiles.Path(path));
        var stream = new YamlStream();
        stream.Load(new MergingParser(new Parser(reader)));
        return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
    }

    public static YamlMappingNode Of(string kind, params string[] path) => Documents(path).Single(document => document.Text("kind") == kind);

    public static YamlNode At(this YamlNode node, params object[] path)
    {
        foreach (var step in path)
        {
            node = step is int index ? ((YamlSequenceNode)node)[index] : ((YamlMappingNode)node)[(string)step];
        }

        return node;
    }

    public static string Text(this YamlNode node, params object[] path) => ((YamlScalarNode)node.At(path)).Value!;

    public static IReadOnlyList<YamlNode> List(this YamlNode node, params object[] path) => [.. (YamlSequenceNode)node.At(path)];

    public static IReadOnlyList<string> Texts(this YamlNode node, params object[] path) => [.. node.List(path).Select(item => ((YamlScalarNode)item).Value!)];

    public static IReadOnlyDictionary<string, YamlNode> Map(this YamlNode node, params object[] path) =>
        ((YamlMappingNode)node.At(path)).Children.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => pair.Value, StringComparer.Ordinal);
}
