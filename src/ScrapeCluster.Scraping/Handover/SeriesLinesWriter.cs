using System.Buffers;

namespace ScrapeCluster.Scraping;

/// <summary>Gathers the series of a target for <see cref="SeriesLines"/>.</summary>
internal sealed class SeriesLinesWriter : IDisposable
{
    private const int MostVarintBytes = 4;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    private int _length;

    /// <summary>Beyond <see cref="SeriesLines.MaxUnpackedBytes"/> series are left out: their end goes without a marker, nothing else.</summary>
    public void Add(ReadOnlySpan<byte> text, SeriesFlags flags)
    {
        if (text.Length + MostVarintBytes > SeriesLines.MaxUnpackedBytes - _length)
        {
            return;
        }

        MakeRoom(text.Length + MostVarintBytes);
        var type = (flags & SeriesFlags.Histogram) != 0 ? 1u : (flags & SeriesFlags.Summary) != 0 ? 2u : 0u;
        var rest = ((uint)text.Length << 2) | type;
        for (; rest >= 0x80; rest >>= 7)
        {
            _buffer[_length++] = (byte)(rest | 0x80);
        }

        _buffer[_length++] = (byte)rest;
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    public byte[] Pack() => SeriesLines.Pack(_buffer.AsSpan(0, _length));

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void MakeRoom(int bytes)
    {
        if (_buffer.Length - _length >= bytes)
        {
            return;
        }

        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(_length + bytes, _length * 2));
        _buffer.AsSpan(0, _length).CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = grown;
    }
}
