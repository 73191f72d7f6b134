namespace ScrapeCluster.Configuration;

/// <summary>A node of a YAML document with the place where it was written. An alias is the very node of its anchor.</summary>
internal abstract class YamlNode(int line, int column)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>Nodes below and including this one, aliases counted as often as they are used.</summary>
    public abstract long ExpandedSize { get; }

    /// <summary>The tag as Go's YAML reader prints it in its errors.</summary>
    public abstract string TagName { get; }
}

internal sealed class YamlSequence(int line, int column) : YamlNode(line, column)
{
    private long _expandedSize = 1;

    public List<YamlNode> Items { get; } = [];

    public override long ExpandedSize => _expandedSize;

    public override string TagName => "!!seq";

    public void Add(YamlNode item)
    {
        Items.Add(item);
        _expandedSize += item.ExpandedSize;
    }
}

/// <summary>Entries as written: duplicates are still there, merge keys (<c>&lt;&lt;</c>) are not yet applied.</summary>
internal sealed class YamlMapping(int line, int column) : YamlNode(line, column)
{
    private long _expandedSize = 1;

    public List<(YamlNode Key, YamlNode Value)> Entries { get; } = [];

    public override long ExpandedSize => _expandedSize;

    public override string TagName => "!!map";

    public void Add(YamlNode key, YamlNode value)
    {
        Entries.Add((key, value));
        _expandedSize += key.ExpandedSize + value.ExpandedSize;
    }
}
