namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>
/// What is in a record of a kind that nothing here stores: exemplars, histograms, metadata, mapped-chunk markers. It is walked entry by entry, since its
/// references count as given, and to tell damage from what is merely not kept.
/// </summary>
/// <param name="Entries">Whole entries; 0 for kinds that are not known.</param>
/// <param name="HighestRef">The highest reference among them.</param>
/// <param name="IsBroken">The record ends inside an entry.</param>
internal readonly record struct PassedRecord(int Entries, ulong HighestRef, bool IsBroken)
{
    public static PassedRecord Of(ReadOnlySpan<byte> record) => (WalRecordType)record[0] switch
    {
        WalRecordType.Metadata => Metadata(record),
        WalRecordType.MmapMarkers => Markers(record),
        _ when TimedRecordReader.Reads(record) => Timed(record),
        _ => default,
    };

    private static PassedRecord Metadata(ReadOnlySpan<byte> record)
    {
        var (count, highest) = (0, 0ul);
        var entries = new MetadataRecordReader(record);
        for (; entries.MoveNext(); count++)
        {
            highest = Math.Max(highest, entries.Ref);
        }

        return new PassedRecord(count, highest, entries.IsBroken);
    }

    private static PassedRecord Markers(ReadOnlySpan<byte> record)
    {
        var (count, highest) = (0, 0ul);
        var entries = new MmapMarkersRecordReader(record);
        for (; entries.MoveNext(); count++)
        {
            highest = Math.Max(highest, entries.Ref);
        }

        return new PassedRecord(count, highest, entries.IsBroken);
    }

    private static PassedRecord Timed(ReadOnlySpan<byte> record)
    {
        var (count, highest) = (0, 0ul);
        var entries = new TimedRecordReader(record);
        for (; entries.MoveNext(); count++)
        {
            highest = Math.Max(highest, entries.Ref);
        }

        return new PassedRecord(count, highest, entries.IsBroken);
    }
}
