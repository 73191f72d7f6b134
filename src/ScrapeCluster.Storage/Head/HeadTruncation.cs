using System.Collections;

namespace ScrapeCluster.Storage.Head;

/// <summary>
/// One pass over the head that drops what ended before a time and collects the series that have nothing left, in steps short
/// enough to run between two scrapes:
/// 1. Rows: chunks that are too old go, and series without any.
/// 2. Postings of the series that were collected.
/// 3. Their rows are given back.
/// 4. Chunk files are deleted.
/// </summary>
internal sealed class HeadTruncation
{
    private const int RowsPerStep = 4096;
    private const int PostingsPerStep = 200_000;
    private const int ReturnsPerStep = 20_000;

    private readonly HeadBlock _head;
    private readonly long _minMs;
    private readonly long _minValidMs;
    private readonly BitArray _dead;
    private readonly List<(uint Row, ulong Ref)> _collected = [];
    private readonly HashSet<uint> _pairs = [];
    private readonly Queue<uint> _pairsLeft = new();
    private long _oldestMs = long.MaxValue;
    private uint _next = 1;
    private int _taken;
    private int _returned;

    public HeadTruncation(HeadBlock head, long minMs)
    {
        _head = head;
        _minMs = minMs;
        _dead = new BitArray((int)head.Series.End);
        head.RefuseBefore(minMs);
        _minValidMs = head.MinValidMs;
    }

    public long MinMs => _minMs;

    public int CollectedCount => _collected.Count;

    /// <summary>At the end: why chunk files that are due are still there; null when none is.</summary>
    public Exception? FilesFailure { get; private set; }

    /// <summary>References of the series that were collected since the last call.</summary>
    public IEnumerable<ulong> TakeCollected()
    {
        for (; _taken < _collected.Count; _taken++)
        {
            yield return _collected[_taken].Ref;
        }
    }

    /// <summary>Does a part; false when all is done.</summary>
    public bool Step()
    {
        var isDone = false;
        if (_next < _dead.Count)
        {
            DropRows();
        }
        else if (_pairsLeft.Count > 0)
        {
            DropPostings();
        }
        else if (_returned < _collected.Count)
        {
            ReturnRows();
        }
        else
        {
            FilesFailure = _head.DropFilesBefore(_minMs);
            isDone = true;
        }

        _head.Reclaim();
        return !isDone;
    }

    private void DropRows()
    {
        var end = (uint)Math.Min(_next + RowsPerStep, _dead.Count);
        for (; _next < end; _next++)
        {
            ref var series = ref _head.Series.Row(_next);
            if (series.LabelCount == 0)
            {
                continue;
            }

            if (!_head.DropChunksBefore(_next, _minMs))
            {
                _oldestMs = Math.Min(_oldestMs, _head.OldestMs(_next));
                continue;
            }

            foreach (var pair in _head.Runs.Read(series.LabelsAt, series.LabelCount))
            {
                if (_pairs.Add(pair))
                {
                    _pairsLeft.Enqueue(pair);
                }
            }

            _collected.Add((_next, _head.Series.Ref(_next)));
            _dead[(int)_next] = true;
            _head.Unlink(_next);
        }

        if (_next >= _dead.Count)
        {
            _head.BeginAt(_oldestMs, _minValidMs);
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

    private void ReturnRows()
    {
        for (var end = Math.Min(_returned + ReturnsPerStep, _collected.Count); _returned < end; _returned++)
        {
            _head.RetireRow(_collected[_returned].Row);
        }
    }
}
