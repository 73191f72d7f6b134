using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Head;

/// <summary>
/// Which metadata the log has of each series, by row: a number a row, in pages that the collector does not look into, and every distinct metadata once,
/// for as long as a row has it. One thread writes and reads.
/// </summary>
internal sealed class MetadataTable
{
    private const int None = 0;
    private const int PageLog2 = 12;
    private const int PageRows = 1 << PageLog2;

    private readonly Dictionary<MetricMetadata, int> _ids = [];
    private readonly List<Entry> _entries = [default];
    private readonly Stack<int> _free = new();
    private int[]?[] _pages = [];

    // The series of a family come in a row, with the same instance.
    private MetricMetadata? _last;
    private int _lastId;

    /// <summary>Distinct ones.</summary>
    public int Count => _ids.Count;

    public MetricMetadata? this[uint row] => _entries[IdOf(row)].Metadata;

    /// <summary>False when the row has it already.</summary>
    public bool Set(uint row, MetricMetadata metadata)
    {
        var before = IdOf(row);
        var id = Intern(metadata);
        if (id == before)
        {
            return false;
        }

        Slot(row) = id;
        _entries[id] = _entries[id] with { Rows = _entries[id].Rows + 1 };
        Release(before);
        return true;
    }

    public void Forget(uint row)
    {
        var id = IdOf(row);
        if (id != None)
        {
            Slot(row) = None;
            Release(id);
        }
    }

    private int IdOf(uint row)
    {
        var page = (int)(row >> PageLog2);
        return page < _pages.Length && _pages[page] is { } ids ? ids[row & (PageRows - 1)] : None;
    }

    private ref int Slot(uint row)
    {
        var page = (int)(row >> PageLog2);
        if (page >= _pages.Length)
        {
            Array.Resize(ref _pages, page + 1);
        }

        return ref (_pages[page] ??= new int[PageRows])[row & (PageRows - 1)];
    }

    private int Intern(MetricMetadata metadata)
    {
        if (ReferenceEquals(metadata, _last))
        {
            return _lastId;
        }

        if (!_ids.TryGetValue(metadata, out var id))
        {
            if (!_free.TryPop(out id))
            {
                id = _entries.Count;
                _entries.Add(default);
            }

            _entries[id] = new Entry(metadata, 0);
            _ids.Add(metadata, id);
        }

        (_last, _lastId) = (metadata, id);
        return id;
    }

    private void Release(int id)
    {
        if (id == None)
        {
            return;
        }

        var (metadata, rows) = _entries[id];
        if (rows > 1)
        {
            _entries[id] = new Entry(metadata, rows - 1);
            return;
        }

        _ids.Remove(metadata!);
        _entries[id] = default;
        _free.Push(id);
        if (_lastId == id)
        {
            _last = null;
        }
    }

    private readonly record struct Entry(MetricMetadata? Metadata, int Rows);
}
