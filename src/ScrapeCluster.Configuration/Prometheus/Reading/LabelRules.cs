using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>What label names and values may be, and reading them from maps.</summary>
internal static class LabelRules
{
    /// <summary>A label name on its own, as in <c>source_labels</c>.</summary>
    public static string ReadName(YamlValue value, LabelNameRule scheme)
    {
        return CheckText(value, "label name", text => scheme.IsValid(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>A map of labels, each pair handed to <paramref name="expand"/> first.</summary>
    public static Labels ReadMap(IEnumerable<(YamlValue Key, YamlValue Value)> map, LabelNameRule scheme, Func<YamlValue, string, string>? expand = null)
    {
        var labels = new LabelsBuilder();
        foreach (var (key, value) in map)
        {
            var name = ReadName(key, scheme);
            var text = CheckText(value, "label value", _ => true);
            if (name.Length > 0)
            {
                labels.Set(name, expand is null ? text : expand(value, text));
            }
        }

        return labels.ToLabels();
    }

    private static string CheckText(YamlValue value, string what, Func<string, bool> isValid)
    {
        if (value.Node is YamlScalar { IsUtf8: false } binary)
        {
            value.Fault($"\"{binary.Text}\" is not a valid {what}");
            return "";
        }

        var text = value.AsString();
        if (value.Node is YamlScalar && !isValid(text))
        {
            value.Fault($"{LabelText.Quote(text)} is not a valid {what}");
            return "";
        }

        return text;
    }
}
