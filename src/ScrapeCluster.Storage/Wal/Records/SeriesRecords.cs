namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>Looks for series records alone.</summary>
internal static class SeriesRecords
{
    /// <summary>The references that the log has series records of.</summary>
    /// <param name="untilDamage">Nothing behind the first damage counts.</param>
    public static HashSet<ulong> Refs(WalReader reader, bool untilDamage = false)
    {
        var refs = new HashSet<ulong>();
        while (reader.TryRead(out var record) && !(untilDamage && reader.Damages.Count > 0))
        {
            if ((WalRecordType)record[0] != WalRecordType.Series)
            {
                continue;
            }

            for (var series = new SeriesRecordReader(record); series.MoveNext();)
            {
                refs.Add(series.Ref);
            }
        }

        return refs;
    }
}
