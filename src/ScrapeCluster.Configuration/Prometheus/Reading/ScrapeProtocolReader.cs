namespace ScrapeCluster.Configuration;

/// <summary>Reads <c>scrape_protocols</c> and <c>fallback_scrape_protocol</c>. <c>owner</c> ends the message, as in Prometheus.</summary>
internal static class ScrapeProtocolReader
{
    /// <summary>Null when the key is not written or null.</summary>
    public static ValueList<ScrapeProtocol>? ReadList(Section section, string owner)
    {
        if (section.Find("scrape_protocols") is not { IsNull: false } value)
        {
            return null;
        }

        var items = value.AsList();
        if (items.Count == 0 && value.Node is YamlSequence)
        {
            value.Fault($"scrape_protocols cannot be empty for {owner}");
        }

        var protocols = new List<ScrapeProtocol>();
        foreach (var item in items)
        {
            var name = item.AsString();
            if (ScrapeProtocolNames.TryParse(name, out var protocol))
            {
                protocols.Add(protocol);
            }
            else if (item.Node is YamlScalar)
            {
                item.Fault($"scrape_protocols: {Unknown(name)} for {owner}");
            }
        }

        if (protocols.Distinct().Count() != protocols.Count)
        {
            value.Fault($"duplicated protocol in scrape_protocols, got [{string.Join(' ', protocols.Select(p => p.Name()))}] for {owner}");
        }

        return protocols.ToValueList();
    }

    public static ScrapeProtocol? ReadFallback(Section section, string owner)
    {
        if (section.Find("fallback_scrape_protocol") is not { } value || value.AsString() is not { Length: > 0 } name)
        {
            return null;
        }

        if (ScrapeProtocolNames.TryParse(name, out var protocol))
        {
            return protocol;
        }

        value.Fault($"invalid fallback_scrape_protocol for {owner}: {Unknown(name)}");
        return null;
    }

    private static string Unknown(string name)
    {
        return $"unknown scrape protocol {name}, supported: [{string.Join(' ', ScrapeProtocolNames.All.Select(p => p.Name()))}]";
    }
}
