using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Offline;

/// <summary>Where a running node is just writing, a record that is there in part is no damage.</summary>
internal static class LogEnd
{
    /// <summary>True for damage in the newest segment behind which nothing can be read.</summary>
    public static bool IsOf(string walDirectory, WalDamage damage)
    {
        if (WalFormat.Segments(walDirectory) is not [.., var newest] || damage.File != WalFormat.SegmentPath(walDirectory, newest))
        {
            return false;
        }

        using var reader = new SegmentReader(damage.File, damage.Segment);
        var isBehind = false;
        while (true)
        {
            if (reader.TryRead(out _))
            {
                if (isBehind)
                {
                    return false;
                }
            }
            else if (reader.Damage is { } met)
            {
                isBehind |= met.Offset >= damage.Offset;
                reader.SkipDamage();
            }
            else
            {
                return true;
            }
        }
    }
}
