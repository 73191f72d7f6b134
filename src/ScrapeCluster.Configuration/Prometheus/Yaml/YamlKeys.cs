namespace ScrapeCluster.Configuration;

/// <summary>The keys of a mapping after duplicates are reported and merge keys (<c>&lt;&lt;: *anchor</c>) are applied.</summary>
internal static class YamlKeys
{
    private const string MergeKey = "<<";

    /// <summary>Own entries first, in file order; merged ones only where the mapping has no such key itself.</summary>
    public static List<(YamlNode Key, string Name, YamlNode Value)> Unique(YamlMapping mapping, YamlValue place, Func<string, string> duplicateFault)
    {
        return Unique(mapping, (key, message) => place.Context.Fault(key.Line, key.Column, place.Path, message), duplicateFault);
    }

    /// <summary>The same without a word on duplicates, for writing a file that is known to be valid.</summary>
    public static List<(YamlNode Key, string Name, YamlNode Value)> Merged(YamlMapping mapping) => Unique(mapping, (_, _) => { }, _ => "");

    /// <summary>Reports duplicate keys anywhere below, for sections that no reader walks.</summary>
    public static void CheckBelow(YamlValue value)
    {
        switch (value.Node)
        {
            case YamlSequence:
                foreach (var item in value.AsList())
                {
                    CheckBelow(item);
                }

                break;
            case YamlMapping:
                foreach (var (_, entry) in value.AsMap())
                {
                    CheckBelow(entry);
                }

                break;
        }
    }

    private static List<(YamlNode Key, string Name, YamlNode Value)> Unique(
        YamlMapping mapping, Action<YamlNode, string> fault, Func<string, string> duplicateFault)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<(YamlNode, string, YamlNode)>();
        foreach (var (key, value) in mapping.Entries)
        {
            if (IsMerge(key))
            {
                continue;
            }

            if (key is not YamlScalar scalar)
            {
                fault(key, $"yaml: unmarshal errors: cannot unmarshal {key.TagName} into a key");
            }
            else if (!names.Add(scalar.Text))
            {
                fault(key, duplicateFault(scalar.Text));
            }
            else
            {
                entries.Add((key, scalar.Text, value));
            }
        }

        AddMerged(mapping, fault, duplicateFault, names, entries);
        return entries;
    }

    private static void AddMerged(
        YamlMapping mapping, Action<YamlNode, string> fault, Func<string, string> duplicateFault, HashSet<string> names,
        List<(YamlNode, string, YamlNode)> entries)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            if (!IsMerge(key))
            {
                continue;
            }

            foreach (var source in value is YamlSequence sequence ? sequence.Items : [value])
            {
                if (source is not YamlMapping merged)
                {
                    fault(key, "yaml: map merge requires map or sequence of maps as the value");
                    continue;
                }

                foreach (var entry in Unique(merged, fault, duplicateFault))
                {
                    if (names.Add(entry.Name))
                    {
                        entries.Add(entry);
                    }
                }
            }
        }
    }

    private static bool IsMerge(YamlNode key) => key is YamlScalar { Text: MergeKey, IsPlain: true };
}
