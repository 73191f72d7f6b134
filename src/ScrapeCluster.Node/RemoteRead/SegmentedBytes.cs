namespace ScrapeCluster.Node.RemoteRead;

/// <summary>
/// A long answer as many small arrays: nothing is copied as it grows, and none of the arrays lies among the large objects, which are collected seldom.
/// </summary>
internal sealed class SegmentedBytes
{
    private const int SegmentBytes = 64 * 1024;

    private readonly List<byte[]> _segments = [];
    private int _lastLength = SegmentBytes;

    public long Length { get; private set; }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_lastLength == SegmentBytes)
            {
                _segments.Add(new byte[SegmentBytes]);
                _lastLength = 0;
            }

            var part = bytes[..Math.Min(bytes.Length, SegmentBytes - _lastLength)];
            part.CopyTo(_segments[^1].AsSpan(_lastLength));
            _lastLength += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    public IEnumerable<ReadOnlyMemory<byte>> Parts
    {
        get
        {
            for (var i = 0; i < _segments.Count; i++)
            {
                yield return _segments[i].AsMemory(0, i < _segments.Count - 1 ? SegmentBytes : _lastLength);
            }
        }
    }
}
