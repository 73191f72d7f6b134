using System.Runtime.InteropServices;
using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Offline;

/// <summary>Gives the texts of labels numbers, as the symbols of a block have them.</summary>
internal sealed class TextNumbers
{
    private readonly Dictionary<string, uint> _numbers = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private readonly List<(uint Name, uint Value)> _labels = [];

    /// <summary>Valid until the next call.</summary>
    public IReadOnlyList<(uint Name, uint Value)> Of(Labels labels)
    {
        _labels.Clear();
        foreach (var (name, value) in labels.ToPairs())
        {
            _labels.Add((NumberOf(name), NumberOf(value)));
        }

        return _labels;
    }

    public string Get(uint number) => _texts[(int)number];

    private uint NumberOf(string text)
    {
        ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, text, out var isKnown);
        if (!isKnown)
        {
            number = (uint)_texts.Count;
            _texts.Add(text);
        }

        return number;
    }
}
