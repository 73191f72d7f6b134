using System.Collections.Concurrent;

namespace ScrapeCluster.Storage.Index;

/// <summary>A label name in use and all values it has. Values are few beside series, so each is an object of its own.</summary>
internal sealed class LabelName(byte[] name)
{
    public byte[] Name { get; } = name;

    /// <summary>Readers look up or enumerate; what copies or counts it locks the writer out meanwhile.</summary>
    public ConcurrentDictionary<byte[], LabelPair> Values { get; } = new(concurrencyLevel: 1, capacity: 1, Utf8Comparer.Instance);
}

/// <summary>A name with a value, and the rows of the series that have it.</summary>
internal sealed class LabelPair(LabelName name, byte[] value, uint id)
{
    private PostingList _rows = new(1);

    public LabelName Name { get; } = name;

    public byte[] Value { get; } = value;

    public uint Id { get; } = id;

    /// <summary>Rows in the order of their creation, as published so far.</summary>
    public ReadOnlySpan<uint> Rows => Volatile.Read(ref _rows).Published.Span;

    /// <summary>The same as a picture that can be kept while the writer goes on.</summary>
    public ReadOnlyMemory<uint> Snapshot => Volatile.Read(ref _rows).Published;

    public void Add(uint row)
    {
        if (!_rows.TryAdd(row))
        {
            var rows = _rows.Published.Span;
            var grown = new PostingList(rows.Length < 64 ? rows.Length * 2 : rows.Length + (rows.Length / 4));
            grown.Fill(rows);
            _ = grown.TryAdd(row);
            Volatile.Write(ref _rows, grown);
        }
    }

    /// <summary>Takes out the rows that are marked; readers keep what they hold.</summary>
    public void RemoveWhere(Func<uint, bool> isDead)
    {
        var rows = _rows.Published.Span;
        var kept = new PostingList(Math.Max(rows.Length, 1));
        foreach (var row in rows)
        {
            if (!isDead(row))
            {
                _ = kept.TryAdd(row);
            }
        }

        Volatile.Write(ref _rows, kept.Trimmed());
    }

    private sealed class PostingList(int capacity)
    {
        private readonly uint[] _items = new uint[capacity];
        private int _count;

        public ReadOnlyMemory<uint> Published => _items.AsMemory(0, Volatile.Read(ref _count));

        public bool TryAdd(uint row)
        {
            if (_count == _items.Length)
            {
                return false;
            }

            _items[_count] = row;
            Volatile.Write(ref _count, _count + 1);
            return true;
        }

        public void Fill(ReadOnlySpan<uint> rows)
        {
            rows.CopyTo(_items);
            _count = rows.Length;
        }

        public PostingList Trimmed()
        {
            var trimmed = new PostingList(Math.Max(_count, 1));
            trimmed.Fill(Published.Span);
            return trimmed;
        }
    }
}
