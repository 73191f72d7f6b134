using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Head;

/// <summary>Taking out what is too old, in steps (<see cref="HeadTruncation"/>), and reusing it when no reader is left.</summary>
internal sealed partial class HeadBlock
{
    private const int ReclaimedPerStep = 1 << 16;

    /// <summary>From now on older samples are refused, so that a truncation in progress meets no new ones.</summary>
    public void RefuseBefore(long minMs)
    {
        _truncatedBeforeMs = Math.Max(_truncatedBeforeMs, minMs);
        if (_minTimeMs < minMs)
        {
            Volatile.Write(ref _minTimeMs, minMs);
        }
    }

    /// <summary>From now on older samples are refused; those that are there stay readable. For a range that is being written to a block.</summary>
    public void FreezeBefore(long minMs) => _truncatedBeforeMs = Math.Max(_truncatedBeforeMs, minMs);

    /// <summary>The oldest sample of a series; <see cref="long.MaxValue"/> when it has none.</summary>
    public long OldestMs(uint row)
    {
        ref var series = ref Series.Row(row);
        var oldest = series.Open == 0 ? long.MaxValue : series.OpenMinMs;
        for (var closed = series.Closed; closed != ClosedChunks.None; closed = Closed[closed].Older)
        {
            oldest = Closed[closed].MinMs;
        }

        return oldest;
    }

    /// <summary>
    /// After a truncation: where the samples that are left begin. What was appended while it ran is as young as
    /// <paramref name="minValidMs"/>, the bound when it began.
    /// </summary>
    public void BeginAt(long oldestMs, long minValidMs)
    {
        var minMs = Math.Min(oldestMs, minValidMs);
        if (_minTimeMs < minMs)
        {
            Volatile.Write(ref _minTimeMs, minMs);
        }
    }

    /// <summary>Drops chunks that end before the time; true when the series has nothing left.</summary>
    public bool DropChunksBefore(uint row, long minMs)
    {
        ref var series = ref Series.Row(row);

        // Oldest first: a reader in between must not find old chunks without the newest.
        DropClosed(ref series.Closed, minMs);
        if (series.Open != 0 && series.LastTimestampMs < minMs)
        {
            _retired.Add(RetiredKind.Chain, series.OpenChunk.FirstBlock);
            Volatile.Write(ref series.Open, 0);
            Volatile.Write(ref _openCount, _openCount - 1);
        }

        return series.IsEmpty;
    }

    /// <summary>Deletes the files whose chunks are all older; they are closed when no reader is left. Returns why some had to stay.</summary>
    public Exception? DropFilesBefore(long minMs)
    {
        if (_files is null)
        {
            return null;
        }

        _files.StartNextFile();
        var removed = _files.RemoveBefore(minMs, out var failure);
        foreach (var file in removed)
        {
            _retired.Add(RetiredKind.File, (uint)file.Number);
        }

        return failure;
    }

    /// <summary>Takes a series out of the look-ups. Its row and its place in the postings go later.</summary>
    public void Unlink(uint row)
    {
        ref var series = ref Series.Row(row);
        var count = series.LabelCount;
        ByLabels.Remove(Runs.Read(series.LabelsAt, count), row);
        Refs.Remove(Series.Ref(row));
        Deleted.Forget(row);
        Metadata?.Forget(row);
        Volatile.Write(ref series.LabelCount, (ushort)0);
        _retired.Add(RetiredKind.LabelRun, series.LabelsAt, count);
        SeriesRemoved++;
        Volatile.Write(ref _seriesCount, _seriesCount - 1);
    }

    /// <summary>Gives the row back once nobody holds it; its postings must be gone.</summary>
    public void RetireRow(uint row) => _retired.Add(RetiredKind.Row, row);

    public void RetirePair(uint pairId)
    {
        Labels.Remove(Labels[pairId]);
        _retired.Add(RetiredKind.PairId, pairId);
    }

    /// <summary>
    /// Makes retired memory usable again, as far as readers allow and in a time short enough to be between two scrapes. True when more can be at
    /// once, as after a reader that took minutes.
    /// </summary>
    public bool Reclaim()
    {
        for (var left = ReclaimedPerStep; left > 0; left--)
        {
            if (!_retired.TryTake(out var kind, out var id, out var count))
            {
                return false;
            }

            switch (kind)
            {
                case RetiredKind.Chain:
                    Blocks.FreeChain(id);
                    break;
                case RetiredKind.ClosedNode:
                    Closed.Free(id);
                    break;
                case RetiredKind.Row:
                    Series.Free(id);
                    break;
                case RetiredKind.LabelRun:
                    Runs.Free(id, count);
                    break;
                case RetiredKind.PairId:
                    Labels.FreeId(id);
                    break;
                case RetiredKind.File:
                    _files!.CloseOldest();
                    break;
            }
        }

        return true;
    }

    private void DropClosed(ref uint link, long minMs)
    {
        while (link != ClosedChunks.None && Closed[link].MaxMs >= minMs)
        {
            link = ref Closed[link].Older;
        }

        var node = link;
        Volatile.Write(ref link, ClosedChunks.None);
        while (node != ClosedChunks.None)
        {
            ref var closed = ref Closed[node];
            var chunk = new ChunkRef(closed.Chunk);
            Volatile.Write(ref closed.Chunk, 0);
            if (!chunk.IsOnDisk)
            {
                _retired.Add(RetiredKind.Chain, chunk.FirstBlock);
            }

            _retired.Add(RetiredKind.ClosedNode, node);
            Volatile.Write(ref _closedCount, _closedCount - 1);
            node = closed.Older;
        }
    }
}
