using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Reads all that finds targets for a job: <c>static_configs</c> and every <c>*_sd_configs</c> that Prometheus 3 knows.</summary>
internal static class SdReader
{
    public static ValueList<SdConfig> Read(Section section, LabelNameRule scheme)
    {
        var configs = new List<SdConfig>();
        AddStatic(section, scheme, configs);
        foreach (var kind in SdKinds.Known)
        {
            var key = kind + "_sd_configs";
            foreach (var item in section.ListWithoutNulls(key, $"empty or null section in {key}"))
            {
                if (item.AsSection() is { } entry)
                {
                    configs.Add(ReadEntry(kind, entry));
                }
            }
        }

        return configs.ToValueList();
    }

    private static void AddStatic(Section section, LabelNameRule scheme, List<SdConfig> configs)
    {
        var groups = new List<TargetGroup>();
        foreach (var item in section.ListWithoutNulls("static_configs", "empty or null section in static_configs"))
        {
            if (item.AsSection("struct { Targets []string; Labels model.LabelSet }") is { } group)
            {
                var source = groups.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
                ValueList<Labels> targets = [.. group.Strings("targets").Select(address => Labels.Of(("__address__", address)))];
                groups.Add(new(source, targets, LabelRules.ReadMap(group.Map("labels"), scheme)));
                group.Finish();
            }
        }

        if (groups.Count > 0)
        {
            configs.Add(new StaticSdConfig(groups.ToValueList()));
        }
    }

    private static SdConfig ReadEntry(string kind, Section entry)
    {
        switch (kind)
        {
            case "file":
                return FileSdReader.Read(entry);
            case "http":
                return HttpSdReader.Read(entry);
            default:
                // The settings of the HTTP client are the same for every kind, so their faults are found already now.
                HttpClientReader.Read(entry);
                YamlKeys.CheckBelow(entry.Place);
                return new UnsupportedSdConfig(kind, new(YamlText.Write(entry.Place.Node, maskSecrets: false)));
        }
    }
}
