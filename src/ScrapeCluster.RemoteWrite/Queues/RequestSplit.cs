namespace ScrapeCluster.RemoteWrite.Queues;

/// <summary>
/// Cuts a refused request into halves until the samples stand alone that the receiver refuses: what it takes is sent from left to right, so the samples
/// of a series stay in order.
/// </summary>
internal sealed class RequestSplit
{
    private readonly Stack<(int Start, int Count)> _parts = new();

    public RequestSplit(int count) => Halve(0, count);

    /// <summary>The next part to send; false when all are done.</summary>
    public bool TryNext(out int start, out int count)
    {
        var isLeft = _parts.TryPop(out var part);
        (start, count) = part;
        return isLeft;
    }

    /// <summary>The part was refused. False for a single sample: nothing of it is left to try.</summary>
    public bool TryHalve(int start, int count)
    {
        if (count < 2)
        {
            return false;
        }

        Halve(start, count);
        return true;
    }

    private void Halve(int start, int count)
    {
        var left = (count + 1) / 2;
        if (count > left)
        {
            _parts.Push((start + left, count - left));
        }

        _parts.Push((start, left));
    }
}
