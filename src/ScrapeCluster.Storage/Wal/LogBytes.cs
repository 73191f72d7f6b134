namespace ScrapeCluster.Storage.Wal;

/// <summary>How much of the log lies between two places of it.</summary>
public static class LogBytes
{
    /// <summary>As the segments are on the disk; one that is gone counts for nothing. 0 where <paramref name="to"/> is not behind <paramref name="from"/>.</summary>
    public static long Between(string directory, WalPosition from, WalPosition to)
    {
        if (from.CompareTo(to) >= 0)
        {
            return 0;
        }

        if (from.Segment == to.Segment)
        {
            return to.Offset - from.Offset;
        }

        var bytes = Math.Max(0, LengthOf(directory, from.Segment) - from.Offset) + to.Offset;
        for (var segment = from.Segment + 1; segment < to.Segment; segment++)
        {
            bytes += LengthOf(directory, segment);
        }

        return bytes;
    }

    private static long LengthOf(string directory, int segment)
    {
        var file = new FileInfo(WalFormat.SegmentPath(directory, segment));
        return file.Exists ? file.Length : 0;
    }
}
