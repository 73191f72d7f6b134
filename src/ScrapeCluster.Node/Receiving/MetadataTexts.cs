using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Receiving;

/// <summary>Metadata of families as 2.0 sends it with every series: made once, as long as it stays the same.</summary>
internal sealed class MetadataTexts
{
    private const int MaxFamilies = 2_000;
    private const int MaxTextBytes = 4_096;

    private readonly Dictionary<(byte Type, SeriesKey Help, SeriesKey Unit), MetricMetadata> _families = [];

    /// <summary>Null when it says nothing, or nothing that can be.</summary>
    public MetricMetadata? Read(ReadOnlySpan<byte> message, SymbolTable symbols, ReadOnlySpan<byte> request)
    {
        var (type, help, unit) = (0ul, 0ul, 0ul);
        var fields = new WireReader(message);
        while (fields.MoveNext())
        {
            switch (fields.Field)
            {
                case 1:
                    type = fields.Number;
                    break;
                case 3:
                    help = fields.Number;
                    break;
                case 4:
                    unit = fields.Number;
                    break;
                default:
                    break;
            }
        }

        var count = (ulong)symbols.Count;
        if (fields.IsBroken || help >= count || unit >= count || type > (ulong)MetricType.StateSet
            || symbols.TextOf((int)help, request).Length > MaxTextBytes || symbols.TextOf((int)unit, request).Length > MaxTextBytes)
        {
            return null;
        }

        var key = ((byte)type, symbols.KeyOf((int)help), symbols.KeyOf((int)unit));
        if (!_families.TryGetValue(key, out var metadata))
        {
            if (_families.Count == MaxFamilies)
            {
                _families.Clear();
            }

            metadata = new MetricMetadata((MetricType)type, TextOf(help, symbols, request), TextOf(unit, symbols, request));
            _families.Add(key, metadata);
        }

        return metadata is { Type: MetricType.Unknown, Help: "", Unit: "" } ? null : metadata;
    }

    private static string TextOf(ulong symbol, SymbolTable symbols, ReadOnlySpan<byte> request) => Encoding.UTF8.GetString(symbols.TextOf((int)symbol, request));
}
