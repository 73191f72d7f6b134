using Google.Protobuf;
using Google.Protobuf.Collections;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Targets;

/// <summary>Gives each label text a number, in the order in which they come.</summary>
internal sealed class SymbolWriter
{
    private readonly Dictionary<ByteString, uint> _numbers = [];

    public List<ByteString> Texts { get; } = [];

    public void Write(Labels labels, RepeatedField<uint> pairs)
    {
        foreach (var label in labels)
        {
            pairs.Add(NumberOf(ByteString.CopyFrom(label.Name)));
            pairs.Add(NumberOf(ByteString.CopyFrom(label.Value)));
        }
    }

    private uint NumberOf(ByteString text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            _numbers.Add(text, number = (uint)Texts.Count);
            Texts.Add(text);
        }

        return number;
    }
}
