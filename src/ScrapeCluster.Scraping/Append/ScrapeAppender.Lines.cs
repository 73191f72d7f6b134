using ScrapeCluster.Exposition;

namespace ScrapeCluster.Scraping;

/// <summary>The series of a target on their way between nodes. Between scrapes only.</summary>
internal sealed partial class ScrapeAppender
{
    // What stands behind a series in a page, to read it by itself.
    private static ReadOnlySpan<byte> SomeValue => " 0\n"u8;

    /// <summary>There was a scrape, or lines were adopted: something may have to be marked at the end.</summary>
    public bool HasLines => _wasUsed || _cache.TrackedCount > 0;

    /// <summary>Changes when <see cref="PackLines"/> would give other lines.</summary>
    public long LinesVersion => _cache.TrackedVersion;

    /// <summary>Exactly the series that <see cref="AppendEndMarkers"/> would mark, report apart.</summary>
    public byte[] PackLines()
    {
        using var lines = new SeriesLinesWriter();
        foreach (var id in _cache.TrackedIds())
        {
            lines.Add(_cache.TextOf(id), _cache[id].Flags);
        }

        return lines.Pack();
    }

    /// <summary>
    /// Takes over what the target exposed on another node: what the next page does not have gets its marker then. Series that were scraped here are left
    /// alone, as are lines that the rules of this job drop.
    /// </summary>
    public void Adopt(UnpackedLines lines)
    {
        _gate ??= new SeriesGate(_rules);
        var scratch = Array.Empty<byte>();
        foreach (var line in lines)
        {
            if (_cache.Find(line.Text) < 0 && IsSeries(line.Text, ref scratch) && Passes(line))
            {
                _cache.Adopt(line.Text, line.Type);
            }
        }
    }

    private bool Passes(SeriesLine line)
    {
        ReadExposed(line.Text, line.Type);
        return _gate!.Pass(_targetLabels, out _) is not null;
    }

    /// <summary>The reader of labels trusts that a parser has seen the text before.</summary>
    private static bool IsSeries(ReadOnlySpan<byte> text, ref byte[] scratch)
    {
        if (text.Length > SeriesCache.LongestTextBytes)
        {
            return false;
        }

        var length = text.Length + SomeValue.Length;
        if (scratch.Length < length)
        {
            scratch = new byte[length * 2];
        }

        text.CopyTo(scratch);
        SomeValue.CopyTo(scratch.AsSpan(text.Length));
        var parser = new TextParser(scratch.AsSpan(0, length));
        return parser.MoveNext() && parser.Entry == ExpositionEntry.Series && parser.SeriesBytes.SequenceEqual(text);
    }
}
