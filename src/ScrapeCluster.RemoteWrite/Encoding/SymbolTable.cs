namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>
/// The symbols of one request of remote write 2.0, each once, the empty one first. Texts come with their length in front and their
/// <see cref="TextHash"/>: stores have both at hand, so that nothing is hashed here. Used again for every request of a shard.
/// </summary>
internal sealed class SymbolTable
{
    private const byte SymbolTag = (4 << 3) | Protobuf.Bytes;

    private readonly NumberTable _numbers = new();
    private byte[] _fields = new byte[8 * 1024];
    private int[] _starts = new int[256];

    public SymbolTable() => Clear();

    public int Count { get; private set; }

    /// <summary>All symbols as fields of the request.</summary>
    public ReadOnlySpan<byte> Fields => _fields.AsSpan(0, Length);

    public int Length { get; private set; }

    public void Clear()
    {
        _numbers.Clear();
        _fields[0] = SymbolTag;
        _fields[1] = 0;
        _starts[0] = 1;
        (Count, Length) = (1, 2);
    }

    /// <summary>The number by which the request refers to this text.</summary>
    public uint Add(ReadOnlySpan<byte> text, uint hash)
    {
        if (text.Length == 1)
        {
            return 0;
        }

        var slot = _numbers.Start(hash);
        while (_numbers.TryNext(hash, ref slot, out var known))
        {
            if (_fields.AsSpan(_starts[known]).StartsWith(text))
            {
                return known;
            }
        }

        Protobuf.Reserve(ref _fields, Length, 1 + text.Length);
        if (Count == _starts.Length)
        {
            Array.Resize(ref _starts, Count * 2);
        }

        var number = (uint)Count++;
        _numbers.Add(hash, number);
        _fields[Length] = SymbolTag;
        _starts[number] = Length + 1;
        text.CopyTo(_fields.AsSpan(Length + 1));
        Length += 1 + text.Length;
        return number;
    }
}
