using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ScrapeCluster.Configuration;

/// <summary>
/// Builds the tree of the first document of a file. The library's own tree refuses duplicate keys at the first one and drops
/// scalar styles; this one keeps both, so that the readers above can report every fault with its place.
/// </summary>
internal sealed class YamlTree
{
    // Aliases may repeat a subtree, but not without bound: nine levels of nine aliases are 400 million nodes.
    private const long MaxNodesFromAliases = 1_000_000;
    private const int MaxDepth = 200;

    private readonly Dictionary<string, YamlNode> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _openAnchors = new(StringComparer.Ordinal);
    private readonly Parser _parser;
    private long _aliasNodes;
    private int _depth;

    private YamlTree(string text) => _parser = new(new StringReader(text));

    /// <summary>The root of the first document (null when the file is empty), and whether more documents follow.</summary>
    /// <exception cref="YamlException">The text is not YAML.</exception>
    public static (YamlNode? Root, bool HasMore) Read(string text)
    {
        var tree = new YamlTree(text);
        tree._parser.Consume<StreamStart>();
        if (tree._parser.TryConsume<StreamEnd>(out _))
        {
            return (null, false);
        }

        tree._parser.Consume<DocumentStart>();
        var root = tree.ReadNode();
        tree._parser.Consume<DocumentEnd>();
        return (root, !tree._parser.Accept<StreamEnd>(out _));
    }

    /// <summary>Decodes UTF-8, or UTF-16 with a byte order mark, as the YAML specification asks.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out string text, out int line, out string fault)
    {
        (text, line, fault) = ("", 0, "");
        if (bytes is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
        {
            text = (bytes[0] == 0xff ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(bytes[2..]);
            return true;
        }

        bytes = bytes is [0xef, 0xbb, 0xbf, ..] ? bytes[3..] : bytes;
        var bad = System.Text.Unicode.Utf8.IsValid(bytes) ? -1 : FirstInvalidByte(bytes);
        if (bad >= 0)
        {
            line = bytes[..bad].Count((byte)'\n') + 1;
            fault = $"yaml: invalid UTF-8: byte 0x{bytes[bad]:x2} at offset {bad}";
            return false;
        }

        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    private static int FirstInvalidByte(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    private YamlNode ReadNode()
    {
        if (++_depth > MaxDepth)
        {
            throw Fault(_parser.Current!, $"nested deeper than {MaxDepth} levels");
        }

        var node = _parser.Current switch
        {
            Scalar => ReadScalar(),
            SequenceStart => ReadSequence(),
            MappingStart => ReadMapping(),
            _ => ReadAlias(),
        };
        _depth--;
        return node;
    }

    private YamlScalar ReadScalar()
    {
        var scalar = _parser.Consume<Scalar>();
        var tag = scalar.Tag.IsEmpty ? "" : scalar.Tag.Value;
        var node = new YamlScalar(scalar.Value, tag, scalar.Style == ScalarStyle.Plain, Line(scalar), Column(scalar));
        if (node.IsBadBinary)
        {
            throw Fault(scalar, "!!binary value contains invalid base64 data");
        }

        Anchor(scalar, node);
        return node;
    }

    private YamlSequence ReadSequence()
    {
        var start = _parser.Consume<SequenceStart>();
        var node = new YamlSequence(Line(start), Column(start));
        Open(start);
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            node.Add(ReadNode());
        }

        Anchor(start, node);
        return node;
    }

    private YamlMapping ReadMapping()
    {
        var start = _parser.Consume<MappingStart>();
        var node = new YamlMapping(Line(start), Column(start));
        Open(start);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode();
            node.Add(key, ReadNode());
        }

        Anchor(start, node);
        return node;
    }

    private YamlNode ReadAlias()
    {
        var alias = _parser.Consume<AnchorAlias>();
        var name = alias.Value.Value;
        if (_openAnchors.Contains(name))
        {
            throw Fault(alias, $"anchor '{name}' value contains itself");
        }

        if (!_anchors.TryGetValue(name, out var node))
        {
            throw Fault(alias, $"unknown anchor '{name}' referenced");
        }

        _aliasNodes += node.ExpandedSize;
        return _aliasNodes <= MaxNodesFromAliases ? node : throw Fault(alias, "document contains excessive aliasing");
    }

    private void Open(NodeEvent start)
    {
        if (!start.Anchor.IsEmpty)
        {
            _openAnchors.Add(start.Anchor.Value);
        }
    }

    private void Anchor(NodeEvent start, YamlNode node)
    {
        if (!start.Anchor.IsEmpty)
        {
            _openAnchors.Remove(start.Anchor.Value);
            _anchors[start.Anchor.Value] = node;
        }
    }

    private static YamlException Fault(ParsingEvent at, string message) => new(at.Start, at.End, message);

    private static int Line(ParsingEvent at) => (int)at.Start.Line;

    private static int Column(ParsingEvent at) => (int)at.Start.Column;
}
