namespace ScrapeCluster.Scraping;

/// <summary>What <see cref="SeriesLines"/> unpacked: series in the order in which the target exposed them.</summary>
internal sealed class UnpackedLines
{
    private readonly byte[] _bytes;

    /// <param name="bytes"><see cref="IsWhole"/>.</param>
    internal UnpackedLines(byte[] bytes)
    {
        _bytes = bytes;
    }

    public Enumerator GetEnumerator() => new(_bytes);

    /// <summary>True when the bytes are series and nothing else.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (!TryReadHead(bytes, out var textStart, out var textLength, out var type) || type > 2 || textLength == 0 || textLength > bytes.Length - textStart)
            {
                return false;
            }

            bytes = bytes[(textStart + textLength)..];
        }

        return true;
    }

    private static bool TryReadHead(ReadOnlySpan<byte> bytes, out int textStart, out int textLength, out uint type)
    {
        // Four groups of seven bits hold the longest text and its type.
        var value = 0u;
        for (var i = 0; i < Math.Min(bytes.Length, 4); i++)
        {
            value |= (uint)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                (textStart, textLength, type) = (i + 1, (int)(value >> 2), value & 3);
                return true;
            }
        }

        (textStart, textLength, type) = (0, 0, 0);
        return false;
    }

    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        public SeriesLine Current { get; private set; }

        public bool MoveNext()
        {
            if (!TryReadHead(_rest, out var textStart, out var textLength, out var type))
            {
                return false;
            }

            Current = new SeriesLine(_rest.Slice(textStart, textLength), type switch { 1 => SeriesFlags.Histogram, 2 => SeriesFlags.Summary, _ => SeriesFlags.None });
            _rest = _rest[(textStart + textLength)..];
            return true;
        }
    }
}

/// <param name="text">The series as exposed, without its value.</param>
internal readonly ref struct SeriesLine(ReadOnlySpan<byte> text, SeriesFlags type)
{
    public ReadOnlySpan<byte> Text { get; } = text;

    public SeriesFlags Type { get; } = type;
}
