namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>Walks the values of one label in their order, as the postings offset table has them.</summary>
internal sealed class LabelValueScan(FileScanner scanner, int count) : IDisposable
{
    private int _left = count;
    private bool _isAtPostings;

    public bool MoveNext()
    {
        if (_left == 0)
        {
            return false;
        }

        if (_isAtPostings)
        {
            _ = scanner.UVarint();
        }

        _left--;
        _ = scanner.UVarint();
        scanner.SkipText();
        _isAtPostings = true;
        return true;
    }

    /// <summary>The value; may be asked for once, before its postings, and is valid until the next call.</summary>
    public ReadOnlySpan<byte> TakeValue() => scanner.Text();

    /// <summary>Where the series list of the value begins; may be asked for once.</summary>
    public long TakePostings()
    {
        _isAtPostings = false;
        return (long)scanner.UVarint();
    }

    public void Dispose() => scanner.Dispose();
}
