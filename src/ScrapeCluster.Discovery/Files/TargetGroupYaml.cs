using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ScrapeCluster.Discovery.Files;

/// <summary>Reads a list of mappings with <c>targets</c> and <c>labels</c>; any other key is a fault.</summary>
internal static class TargetGroupYaml
{
    public static IReadOnlyList<WrittenGroup> Parse(byte[] content, out string? fault)
    {
        try
        {
            fault = null;
            var yaml = new YamlStream();
            yaml.Load(new StringReader(Encoding.UTF8.GetString(content)));
            return yaml.Documents.Count == 0 || IsNull(yaml.Documents[0].RootNode) ? [] : Groups(yaml.Documents[0].RootNode);
        }
        catch (YamlException e)
        {
            fault = $"invalid YAML: line {e.Start.Line}: {e.Message}";
            return [];
        }
    }

    private static List<WrittenGroup> Groups(YamlNode root)
    {
        var groups = new List<WrittenGroup>();
        foreach (var item in Sequence(root, "a list of target groups"))
        {
            groups.Add(Group(item));
        }

        return groups;
    }

    private static WrittenGroup Group(YamlNode node)
    {
        IReadOnlyList<string> targets = [];
        IReadOnlyDictionary<string, string> labels = new Dictionary<string, string>();
        foreach (var (key, value) in Mapping(node, "a target group"))
        {
            switch (Scalar(key, "a key"))
            {
                case "targets":
                    targets = IsNull(value) ? [] : [.. Sequence(value, "targets").Select(static target => Scalar(target, "a target"))];
                    break;
                case "labels":
                    labels = IsNull(value) ? labels : Labels(value);
                    break;
                case var other:
                    throw Fault(key, $"field {other} is not known in a target group; there are targets and labels");
            }
        }

        return new WrittenGroup(targets, labels);
    }

    private static Dictionary<string, string> Labels(YamlNode node)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in Mapping(node, "labels"))
        {
            var name = Scalar(key, "a label name");
            if (name.Length == 0)
            {
                throw Fault(key, "a label name is empty");
            }

            labels[name] = IsNull(value) ? "" : Scalar(value, $"the value of label {name}");
        }

        return labels;
    }

    private static YamlSequenceNode Sequence(YamlNode node, string what) =>
        node as YamlSequenceNode ?? throw Fault(node, $"{what} must be a list");

    private static YamlMappingNode Mapping(YamlNode node, string what) =>
        node as YamlMappingNode ?? throw Fault(node, $"{what} must be a mapping");

    private static string Scalar(YamlNode node, string what) =>
        node is YamlScalarNode { Value: { } value } ? value : throw Fault(node, $"{what} must be a text");

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain or ScalarStyle.Any, Value: null or "" or "~" or "null" or "Null" or "NULL" };

    private static YamlException Fault(YamlNode node, string text) => new(node.Start, node.End, text);
}
