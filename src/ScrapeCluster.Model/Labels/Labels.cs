using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>
/// An immutable label set: names and values as UTF-8, sorted by name in byte order, no name twice, no empty value,
/// packed into one array as <c>len name len value ...</c>.
/// A length is one byte below 255, else 0xFF and three bytes little-endian, which makes <see cref="Hash"/> equal to
/// Prometheus's <c>labels.Hash()</c> of its default build (model/labels/labels_stringlabels.go).
/// </summary>
public sealed partial class Labels : IEquatable<Labels>
{
    public const string MetricName = "__name__";

    public static readonly Labels Empty = new([], 0);

    private readonly byte[] _packed;

    internal Labels(byte[] packed, int count)
    {
        _packed = packed;
        Count = count;
    }

    /// <summary>Number of labels.</summary>
    public int Count { get; }

    public bool IsEmpty => Count == 0;

    /// <summary>The packed form described at the type.</summary>
    public ReadOnlySpan<byte> Packed => _packed;

    /// <summary>Builds a set from pairs in any order; empty values are left out, the last of equal names wins.</summary>
    public static Labels Of(params ReadOnlySpan<(string Name, string Value)> pairs)
    {
        var builder = new LabelsBuilder();
        foreach (var (name, value) in pairs)
        {
            builder.Set(name, value);
        }

        return builder.ToLabels();
    }

    public LabelEnumerator GetEnumerator() => new(_packed);

    /// <summary>xxHash64 (seed 0) over <see cref="Packed"/>.</summary>
    public ulong Hash() => XxHash64.Hash(_packed);

    public string? Get(string name)
    {
        return TryGet(Encoding.UTF8.GetBytes(name), out var value) ? Encoding.UTF8.GetString(value) : null;
    }

    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (var label in this)
        {
            if (label.Name.SequenceEqual(name))
            {
                value = label.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    public bool Has(ReadOnlySpan<byte> name) => TryGet(name, out _);

    /// <summary>Names and values as strings, sorted; for API answers, logs and tests, never on the way of a sample.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ToPairs()
    {
        var pairs = new List<KeyValuePair<string, string>>(Count);
        foreach (var label in this)
        {
            pairs.Add(new(Encoding.UTF8.GetString(label.Name), Encoding.UTF8.GetString(label.Value)));
        }

        return pairs;
    }

    public bool Equals([NotNullWhen(true)] Labels? other) => other is not null && _packed.AsSpan().SequenceEqual(other._packed);

    public override bool Equals(object? obj) => Equals(obj as Labels);

    public override int GetHashCode() => unchecked((int)Hash());

    /// <summary>The canonical text, such as <c>{a="b", c="d"}</c>, values quoted as by Go's <c>%q</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("{");
        foreach (var (name, value) in ToPairs())
        {
            text.Append(text.Length > 1 ? ", " : "").Append(LabelText.Name(name)).Append('=').Append(LabelText.Quote(value));
        }

        return text.Append('}').ToString();
    }
}
