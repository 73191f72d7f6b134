using System.Collections;

namespace ScrapeCluster.Storage.Head;

/// <summary>
/// One pass over the head that drops what ended before a time and collects the series that have nothing left, in steps short
/// enough to run between two scrapes: first the rows, then the postings of the collected ones.
/// </summary>
internal sealed class HeadTruncation
{
    private const int RowsPerStep = 4096;
    private const int PostingsPerStep = 200_000;

    private readonly HeadBlock _head;
    private readonly long _minMs;
    private readonly BitArray _dead;
    private readonly List<(uint Row, ulong Ref)> _collected = [];
    private readonly HashSet<uint> _pairs = [];
    private readonly Queue<uint> _pairsLeft = new();
    private uint _next = 1;

    public HeadTruncation(HeadBlock head, long minMs)
    {
        _head = head;
        _minMs = minMs;
        _dead = new BitArray((int)head.Series.End);
        head.RefuseBefore(minMs);
    }

    public long MinMs => _minMs;

    public int CollectedCount => _collected.Count;

    /// <summary>References of the series that were collected so far.</summary>
    public IEnumerable<ulong> CollectedRefs => _collected.Select(series => series.Ref);

    /// <summary>At the end: why chunk files that are due are still there; null when none is.</summary>
    public Exception? FilesFailure { get; private set; }

    /// <summary>Does a part; false when all is done.</summary>
    public bool Step()
    {
        if (_next < _dead.Count)
        {
            DropRows();
            if (_next >= _dead.Count)
            {
                foreach (var pair in _pairs)
                {
                    _pairsLeft.Enqueue(pair);
                }
            }
        }
        else if (_pairsLeft.Count > 0)
        {
            DropPostings();
        }
        else
        {
            foreach (var (row, _) in _collected)
            {
                _head.RetireRow(row);
            }

            FilesFailure = _head.DropFilesBefore(_minMs);
            _head.Reclaim();
            return false;
        }

        _head.Reclaim();
        return true;
    }

    private void DropRows()
    {
        var end = (uint)Math.Min(_next + RowsPerStep, _dead.Count);
        for (; _next < end; _next++)
        {
            ref var series = ref _head.Series.Row(_next);
            if (series.LabelCount == 0 || !_head.DropChunksBefore(_next, _minMs))
            {
                continue;
            }

            foreach (var pair in _head.Runs.Read(series.LabelsAt, series.LabelCount))
            {
                _pairs.Add(pair);
            }

            _collected.Add((_next, _head.Series.Ref(_next)));
            _dead[(int)_next] = true;
            _head.Unlink(_next);
        }
    }

    private void DropPostings()
    {
        var visited = 0;
        while (visited < PostingsPerStep && _pairsLeft.TryDequeue(out var id))
        {
            var pair = _head.Labels[id];
            visited += pair.Rows.Length;
            pair.RemoveWhere(IsDead);
            if (pair.Rows.IsEmpty)
            {
                _head.RetirePair(id);
            }
        }
    }

    private bool IsDead(uint row) => row < _dead.Count && _dead[(int)row];
}
