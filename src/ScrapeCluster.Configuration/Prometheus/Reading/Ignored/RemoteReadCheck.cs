namespace ScrapeCluster.Configuration;

/// <summary>Checks <c>remote_read</c>.</summary>
internal static class RemoteReadCheck
{
    public static void Check(YamlValue value)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in value.AsList())
        {
            if (item.IsNull)
            {
                item.Fault("empty or null remote read config section");
            }
            else if (item.AsSection() is { } section)
            {
                CheckEntry(section, names);
            }
        }
    }

    private static void CheckEntry(Section section, HashSet<string> names)
    {
        if (section.String("url").Length == 0)
        {
            section.FaultAt("url", "url for remote_read is empty");
        }

        var name = section.String("name");
        if (name.Length > 0 && !names.Add(name))
        {
            section.FaultAt("name", $"found multiple remote read configs with job name \"{name}\"");
        }

        section.Duration("remote_timeout");
        section.Bool("read_recent");
        section.Bool("filter_external_labels");
        section.Map("required_matchers");
        ReservedHeaders.Read(section);
        HttpClientReader.Read(section);
        section.Finish();
    }
}
