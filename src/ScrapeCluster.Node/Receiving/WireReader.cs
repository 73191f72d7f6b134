using System.Buffers.Binary;

namespace ScrapeCluster.Node.Receiving;

/// <summary>Reads the fields of one protobuf message where it lies (https://protobuf.dev/programming-guides/encoding/).</summary>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private const int MaxVarintBytes = 10;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    /// <summary>Number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Its contents, where it is a text, a message or packed numbers: <see cref="IsBytes"/>.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Where those begin in the message.</summary>
    public int BytesStart { get; private set; }

    /// <summary>Its number, where it is one: a varint or 4 or 8 bytes as they are.</summary>
    public ulong Number { get; private set; }

    public bool IsBytes { get; private set; }

    /// <summary>Where the field begins in the message.</summary>
    public int Start { get; private set; }

    /// <summary>Where the next one begins.</summary>
    public readonly int End => _at;

    /// <summary>The message does not end where a field ends.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>False at the end, and where the message is broken.</summary>
    public bool MoveNext()
    {
        if (_at == _message.Length || IsBroken)
        {
            return false;
        }

        Start = _at;
        IsBroken = !TryRead();
        return !IsBroken;
    }

    /// <summary>Reads one varint of packed ones.</summary>
    public bool TryPacked(out ulong value)
    {
        value = 0;
        if (_at == _message.Length)
        {
            return false;
        }

        IsBroken = !TryVarint(out value);
        return !IsBroken;
    }

    private bool TryRead()
    {
        if (!TryVarint(out var tag) || tag >> 3 is 0 or > int.MaxValue)
        {
            return false;
        }

        Field = (int)(tag >> 3);
        Bytes = default;
        IsBytes = false;
        switch (tag & 7)
        {
            case 0:
                var isNumber = TryVarint(out var number);
                Number = number;
                return isNumber;
            case 1 when _message.Length - _at >= sizeof(ulong):
                Number = BinaryPrimitives.ReadUInt64LittleEndian(_message[_at..]);
                _at += sizeof(ulong);
                return true;
            case 2 when TryVarint(out var length) && length <= (ulong)(_message.Length - _at):
                IsBytes = true;
                BytesStart = _at;
                Bytes = _message.Slice(_at, (int)length);
                _at += (int)length;
                return true;
            case 5 when _message.Length - _at >= sizeof(uint):
                Number = BinaryPrimitives.ReadUInt32LittleEndian(_message[_at..]);
                _at += sizeof(uint);
                return true;
            default:
                return false;
        }
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        var end = Math.Min(_message.Length, _at + MaxVarintBytes);
        for (var shift = 0; _at < end; shift += 7)
        {
            var part = _message[_at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
