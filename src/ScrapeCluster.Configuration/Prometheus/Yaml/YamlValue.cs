using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>
/// A value and its place. Every reading method reports what is wrong and then answers with the type's zero, so that reading
/// goes on to the next fault; null reads as zero too, as in Prometheus's own reader.
/// </summary>
internal readonly struct YamlValue(YamlNode node, string path, ReadContext context)
{
    public YamlNode Node { get; } = node;

    public string Path { get; } = path;

    public ReadContext Context { get; } = context;

    public bool IsNull => Node is YamlScalar { IsNull: true };

    public void Fault(string message) => Context.Fault(Node.Line, Node.Column, Path, message);

    public void Warn(string message) => Context.Warn(Node.Line, Path, message);

    public string AsString()
    {
        switch (Node)
        {
            case YamlScalar { IsNull: true }:
                return "";
            case YamlScalar { IsUtf8: false } scalar:
                Fault($"\"{scalar.Text}\" is not valid UTF-8");
                return "";
            case YamlScalar scalar:
                return scalar.Text;
            default:
                TypeFault("string");
                return "";
        }
    }

    public bool AsBool()
    {
        if (Node is YamlScalar scalar && scalar.TryGetBool(out var value))
        {
            return value;
        }

        NotNullTypeFault("bool");
        return false;
    }

    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public long AsInteger(long min = 0, long max = long.MaxValue)
    {
        if (Node is YamlScalar scalar && TryGetWhole(scalar, out var value) && value >= min && value <= max)
        {
            return value;
        }

        NotNullTypeFault(min < 0 ? "int" : "uint");
        return 0;
    }

    /// <summary>A whole number of Go's <c>uint64</c>.</summary>
    public ulong AsUnsigned()
    {
        if (Node is YamlScalar scalar)
        {
            if (scalar.TryGetUnsigned(out var value))
            {
                return value;
            }

            if (TryGetWhole(scalar, out var whole) && whole >= 0)
            {
                return (ulong)whole;
            }
        }

        NotNullTypeFault("uint");
        return 0;
    }

    public double AsDouble()
    {
        if (Node is YamlScalar scalar)
        {
            if (scalar.TryGetInteger(out var whole))
            {
                return whole;
            }

            if (scalar.TryGetUnsigned(out var large))
            {
                return large;
            }

            if (scalar.TryGetFloat(out var value))
            {
                return value;
            }
        }

        NotNullTypeFault("float64");
        return 0;
    }

    public TimeSpan AsDuration()
    {
        if (IsNull || Node is not YamlScalar)
        {
            NotNullTypeFault("string");
            return TimeSpan.Zero;
        }

        if (!PromDuration.TryParse(AsString(), out var value, out var fault))
        {
            Fault(fault);
        }

        return value;
    }

    public long AsSize()
    {
        if (IsNull || Node is not YamlScalar)
        {
            NotNullTypeFault("string");
            return 0;
        }

        if (!ByteSize.TryParse(AsString(), out var value, out var fault))
        {
            Fault(fault);
        }
        else if (value < 0)
        {
            Fault($"must be greater than or equal to 0, got {AsString()}");
        }

        return value;
    }

    public Secret? AsSecret()
    {
        var text = AsString();
        return text.Length == 0 ? null : new(text);
    }

    /// <summary>The absolute form of a path, noted as a file that has to be there.</summary>
    public string AsFile(ReferencedFileKind kind = ReferencedFileKind.Plain)
    {
        var path = Context.Resolve(AsString());
        if (path.Length > 0)
        {
            Context.Findings.ReferencedFiles.Add(new(Context.File, Node.Line, Path, path, kind));
        }

        return path;
    }

    /// <summary>The mapping as a section of known keys, or null when the value is null or no mapping.</summary>
    public Section? AsSection(string typeName = Section.DefaultTypeName)
    {
        if (Node is YamlMapping mapping)
        {
            return new(mapping, this, typeName);
        }

        NotNullTypeFault(typeName);
        return null;
    }

    /// <summary>The items of a list; none when the value is null.</summary>
    public List<YamlValue> AsList()
    {
        var items = new List<YamlValue>();
        if (Node is YamlSequence sequence)
        {
            foreach (var item in sequence.Items)
            {
                items.Add(new(item, $"{Path}[{items.Count}]", Context));
            }
        }
        else
        {
            NotNullTypeFault("list");
        }

        return items;
    }

    public ValueList<string> AsStrings()
    {
        var texts = new List<string>();
        foreach (var item in AsList())
        {
            texts.Add(item.AsString());
        }

        return texts.ToValueList();
    }

    /// <summary>The entries of a map whose keys are free, sorted by key; a key that stands twice is a fault.</summary>
    public List<(YamlValue Key, YamlValue Value)> AsMap()
    {
        var entries = new List<(YamlValue Key, YamlValue Value)>();
        if (Node is not YamlMapping mapping)
        {
            NotNullTypeFault("map");
            return entries;
        }

        foreach (var (key, name, node) in YamlKeys.Unique(mapping, this, name => $"key \"{name}\" already set in map"))
        {
            var place = $"{Path}.{name}";
            entries.Add((new(key, place, Context), new(node, place, Context)));
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.Key.Path, b.Key.Path));
        return entries;
    }

    public void TypeFault(string wanted)
    {
        var text = Node is YamlScalar { IsNull: false } scalar ? $" `{Shorten(scalar.Text)}`" : "";
        Fault($"yaml: unmarshal errors: cannot unmarshal {Node.TagName}{text} into {wanted}");
    }

    private void NotNullTypeFault(string wanted)
    {
        if (!IsNull)
        {
            TypeFault(wanted);
        }
    }

    private static bool TryGetWhole(YamlScalar scalar, out long value)
    {
        if (scalar.TryGetInteger(out value))
        {
            return true;
        }

        var isWhole = scalar.TryGetFloat(out var number) && Math.Abs(number) < 1L << 53 && Math.Truncate(number) == number;
        value = isWhole ? (long)number : 0;
        return isWhole;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..37] + "...";
}
