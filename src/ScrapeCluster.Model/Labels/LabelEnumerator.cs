namespace ScrapeCluster.Model;

/// <summary>One label, borrowed from the packed form of a set.</summary>
public readonly ref struct LabelSpan(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    public ReadOnlySpan<byte> Name { get; } = name;

    public ReadOnlySpan<byte> Value { get; } = value;
}

/// <summary>Walks the packed form of a label set in name order.</summary>
public ref struct LabelEnumerator(ReadOnlySpan<byte> packed)
{
    private ReadOnlySpan<byte> _rest = packed;

    public LabelSpan Current { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var name = PackedText.Take(ref _rest);
        var value = PackedText.Take(ref _rest);
        Current = new LabelSpan(name, value);
        return true;
    }
}
