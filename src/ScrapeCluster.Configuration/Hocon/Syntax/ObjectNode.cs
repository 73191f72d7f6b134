namespace ScrapeCluster.Configuration.Hocon.Syntax;

/// <summary>
/// An object as written. Each field keeps every value assigned to it, oldest first, since a later one may refer back to an earlier one;
/// neighbouring objects are merged at once.
/// </summary>
internal sealed class ObjectNode(HoconOrigin origin) : HoconNode(origin)
{
    private readonly OrderedDictionary<string, List<HoconNode>> _fields = new(StringComparer.Ordinal);

    public IEnumerable<string> Keys => _fields.Keys;

    public IReadOnlyList<HoconNode> Assignments(string key) => _fields.TryGetValue(key, out var assignments) ? assignments : [];

    public void Add(ReadOnlySpan<string> path, HoconNode value)
    {
        if (path.Length == 1)
        {
            Add(path[0], value);
            return;
        }

        var child = new ObjectNode(value.Origin);
        child.Add(path[1..], value);
        Add(path[0], child);
    }

    /// <summary>Adds the assignments of <paramref name="later"/> behind those of this object, as if its fields followed here.</summary>
    public void Merge(ObjectNode later)
    {
        foreach (var (key, assignments) in later._fields)
        {
            foreach (var value in assignments)
            {
                Add(key, value);
            }
        }
    }

    private void Add(string key, HoconNode value)
    {
        if (!_fields.TryGetValue(key, out var assignments))
        {
            _fields.Add(key, assignments = []);
        }

        if (value is ObjectNode later && assignments.Count > 0 && assignments[^1] is ObjectNode earlier)
        {
            earlier.Merge(later);
        }
        else
        {
            assignments.Add(value);
        }
    }
}
