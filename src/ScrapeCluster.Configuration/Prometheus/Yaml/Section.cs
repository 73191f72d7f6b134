namespace ScrapeCluster.Configuration;

/// <summary>
/// A mapping of known keys. A key is known once a reader has asked for it; <see cref="Finish"/> reports the rest, so each
/// reader asks for every key of its section, whatever it finds.
/// </summary>
internal sealed class Section
{
    /// <summary>The name in Prometheus's own messages, for which people search.</summary>
    public const string DefaultTypeName = "config.plain";

    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];
    private readonly string _typeName;

    public Section(YamlMapping mapping, YamlValue place, string typeName)
    {
        Place = place;
        _typeName = typeName;
        foreach (var (key, name, value) in YamlKeys.Unique(mapping, place, name => $"field {name} already set in type {typeName}"))
        {
            _entries.Add(name, (key, value));
        }
    }

    /// <summary>Where the section stands; faults of the section as a whole go there.</summary>
    public YamlValue Place { get; }

    /// <summary>The value under the key, null written or not written told apart.</summary>
    public YamlValue? Find(string key)
    {
        _known.Add(key);
        return _entries.TryGetValue(key, out var entry) ? new(entry.Value, PathOf(key), Place.Context) : null;
    }

    public string String(string key, string fallback = "") => Find(key)?.AsString() ?? fallback;

    public bool Bool(string key, bool fallback = false) => Find(key)?.AsBool() ?? fallback;

    /// <summary>For switches that inherit: null when not written or written as null.</summary>
    public bool? OptionalBool(string key) => Find(key) is { IsNull: false } value ? value.AsBool() : null;

    /// <summary>A limit. Go's <c>uint64</c> goes further, but above 2^63 - 1 no limit is ever reached.</summary>
    public long Count(string key) => (long)Math.Min(Find(key)?.AsUnsigned() ?? 0, long.MaxValue);

    /// <summary>Go's <c>int</c> has 64 bits; beyond 32 all sizes of queues are the same.</summary>
    public int Int(string key, int fallback) => (int)Math.Clamp(Find(key)?.AsInteger(long.MinValue) ?? fallback, int.MinValue, int.MaxValue);

    public double Double(string key) => Find(key)?.AsDouble() ?? 0;

    public TimeSpan Duration(string key, TimeSpan fallback = default) => Find(key)?.AsDuration() ?? fallback;

    public long Size(string key) => Find(key)?.AsSize() ?? 0;

    public Secret? Secret(string key) => Find(key)?.AsSecret();

    public ValueList<string> Strings(string key) => Find(key)?.AsStrings() ?? [];

    public List<YamlValue> List(string key) => Find(key)?.AsList() ?? [];

    /// <summary>A list of sections; an item that is null is a fault with the given text.</summary>
    public List<YamlValue> ListWithoutNulls(string key, string nullFault)
    {
        var items = List(key);
        foreach (var item in items.Where(item => item.IsNull))
        {
            item.Fault(nullFault);
        }

        items.RemoveAll(item => item.IsNull);
        return items;
    }

    public List<(YamlValue Key, YamlValue Value)> Map(string key) => Find(key)?.AsMap() ?? [];

    /// <summary>The absolute path under the key, noted as a file that has to be there.</summary>
    public string File(string key) => Find(key)?.AsFile() ?? "";

    /// <summary>Reports the keys that nobody asked for.</summary>
    public void Finish()
    {
        foreach (var (name, (key, _)) in _entries)
        {
            if (!_known.Contains(name))
            {
                var guess = NearestName.Find(name, _known) is { } near ? $" (did you mean {near}?)" : "";
                Place.Context.Fault(key.Line, key.Column, PathOf(name), $"field {name} not found in type {_typeName}{guess}");
            }
        }
    }

    /// <summary>Tells whether the key is written, without making it known.</summary>
    public bool Has(string key) => _entries.ContainsKey(key);

    public void Fault(string message) => Place.Fault(message);

    /// <summary>Reports at the key when it is written, else at the section.</summary>
    public void FaultAt(string key, string message)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            Place.Context.Fault(entry.Key.Line, entry.Key.Column, PathOf(key), message);
        }
        else
        {
            Place.Fault(message);
        }
    }

    private string PathOf(string key) => Place.Path.Length == 0 ? key : $"{Place.Path}.{key}";
}
