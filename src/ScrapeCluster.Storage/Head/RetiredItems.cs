namespace ScrapeCluster.Storage.Head;

internal enum RetiredKind : byte
{
    Chain,
    ClosedNode,
    Row,
    LabelRun,
    PairId,
    File,
}

/// <summary>What was taken out of the head and may still be held by a reader, oldest first.</summary>
internal sealed class RetiredItems(ReaderEpochs epochs)
{
    private readonly Queue<(long Epoch, uint Id, ushort Count, RetiredKind Kind)> _items = new();

    public int Count => _items.Count;

    public void Add(RetiredKind kind, uint id, ushort count = 0) => _items.Enqueue((epochs.Current, id, count, kind));

    /// <summary>Hands out one item that no reader can hold any more.</summary>
    public bool TryTake(out RetiredKind kind, out uint id, out ushort count)
    {
        if (_items.TryPeek(out var oldest) && IsFree(oldest.Epoch))
        {
            (_, id, count, kind) = _items.Dequeue();
            return true;
        }

        (kind, id, count) = (default, 0, 0);
        return false;
    }

    private bool IsFree(long epoch)
    {
        return epochs.Current >= epoch + 2 || (epochs.TryAdvance() >= epoch + 1 && epochs.TryAdvance() >= epoch + 2);
    }
}
