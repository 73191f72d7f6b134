namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>Series lists of one or more label pairs, one behind the other.</summary>
internal sealed class PostingsBuffer
{
    private uint[] _series = [];
    private int _count;
    private int _lists;

    public int Count => _count;

    /// <summary>Room for a list, to be filled by the caller.</summary>
    public Span<uint> Add(int count)
    {
        var end = checked(_count + count);
        if (end > _series.Length)
        {
            Array.Resize(ref _series, _lists == 0 ? count : (int)Math.Min(Math.Max(end, _count * 2L), Array.MaxLength));
        }

        var added = _series.AsSpan(_count, count);
        _count = end;
        _lists++;
        return added;
    }

    /// <summary>The union. Values of one label share no series, so nothing is there twice; the lists of one pair are sorted as they are.</summary>
    public uint[] ToSorted()
    {
        if (_count < _series.Length)
        {
            Array.Resize(ref _series, _count);
        }

        if (_lists > 1)
        {
            Array.Sort(_series);
        }

        return _series;
    }
}
