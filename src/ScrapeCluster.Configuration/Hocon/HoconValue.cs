namespace ScrapeCluster.Configuration.Hocon;

/// <summary>A resolved value: nothing in it refers to anything else any more.</summary>
public abstract class HoconValue(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;
}

/// <summary>Fields in the order of their first appearance.</summary>
public sealed class HoconObject(HoconOrigin origin, IReadOnlyDictionary<string, HoconValue> fields) : HoconValue(origin)
{
    public IReadOnlyDictionary<string, HoconValue> Fields { get; } = fields;

    /// <summary>The value under the given keys, or null.</summary>
    public HoconValue? Find(params ReadOnlySpan<string> path)
    {
        HoconValue? value = this;
        foreach (var key in path)
        {
            value = value is HoconObject parent && parent.Fields.TryGetValue(key, out var child) ? child : null;
        }

        return value;
    }
}

public sealed class HoconArray(HoconOrigin origin, IReadOnlyList<HoconValue> items) : HoconValue(origin)
{
    public IReadOnlyList<HoconValue> Items { get; } = items;
}

/// <summary>A string, number, boolean or null with its text as written (without quotes and escapes).</summary>
public sealed class HoconScalar(HoconOrigin origin, HoconScalarKind kind, string text) : HoconValue(origin)
{
    public HoconScalarKind Kind { get; } = kind;

    public string Text { get; } = text;
}

public enum HoconScalarKind
{
    String,
    Number,
    Boolean,
    Null,
}
