namespace ScrapeCluster.Node.RemoteRead;

/// <summary>Goes over the fields of one protobuf message where it lies and makes nothing of them.</summary>
internal ref struct WireScanner(ReadOnlySpan<byte> message)
{
    private const int VarintType = 0;
    private const int Fixed64Type = 1;
    private const int BytesType = 2;
    private const int Fixed32Type = 5;
    private const int MaxVarintBytes = 10;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its contents, where it is a text, a message or packed numbers; else empty.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>False at the end, also where the message is broken: whoever decodes it says how.</summary>
    public bool MoveNext()
    {
        Bytes = default;
        if (!TryVarint(out var tag))
        {
            return false;
        }

        Field = (int)(tag >> 3);
        switch ((int)(tag & 7))
        {
            case VarintType:
                return TryVarint(out _);
            case Fixed64Type:
                return TrySkip(sizeof(ulong));
            case Fixed32Type:
                return TrySkip(sizeof(uint));
            case BytesType when TryVarint(out var length) && length <= (ulong)_rest.Length:
                Bytes = _rest[..(int)length];
                return TrySkip((int)length);
            default:
                return false;
        }
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < Math.Min(_rest.Length, MaxVarintBytes); i++)
        {
            value |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private bool TrySkip(int length)
    {
        if (length > _rest.Length)
        {
            return false;
        }

        _rest = _rest[length..];
        return true;
    }
}
