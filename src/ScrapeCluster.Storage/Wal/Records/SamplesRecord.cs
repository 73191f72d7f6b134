using System.Buffers.Binary;

namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>
/// Float samples (type 2): base reference and base time, then for every sample, the first included, both differences
/// zig-zag coded and the value's bits. The format page says unsigned for the differences; the code of Prometheus writes them signed.
/// </summary>
internal static class SamplesRecord
{
    private const int MaxEntryLength = (2 * RecordBuffer.MaxVarintLength) + sizeof(double);

    public static void WriteHeader(RecordBuffer buffer, ulong baseRef, long baseTimestampMs)
    {
        buffer.Byte((byte)WalRecordType.Samples);
        buffer.UInt64(baseRef);
        buffer.UInt64((ulong)baseTimestampMs);
    }

    /// <summary>Samples that all carry the base time.</summary>
    public static void WriteEntries(RecordBuffer buffer, ulong baseRef, ReadOnlySpan<ulong> refs, ReadOnlySpan<double> values)
    {
        var room = buffer.Reserve(checked(refs.Length * (RecordBuffer.MaxVarintLength + 1 + sizeof(double))));
        var at = 0;
        for (var i = 0; i < refs.Length; i++)
        {
            at += RecordBuffer.WriteVarint(room[at..], (long)(refs[i] - baseRef));
            room[at] = 0;
            BinaryPrimitives.WriteDoubleBigEndian(room[(at + 1)..], values[i]);
            at += 1 + sizeof(double);
        }

        buffer.Advance(at);
    }

    public static void WriteEntry(RecordBuffer buffer, ulong refDelta, long timestampDelta, double value)
    {
        var room = buffer.Reserve(MaxEntryLength);
        var at = RecordBuffer.WriteVarint(room, (long)refDelta);
        at += RecordBuffer.WriteVarint(room[at..], timestampDelta);
        BinaryPrimitives.WriteDoubleBigEndian(room[at..], value);
        buffer.Advance(at + sizeof(double));
    }
}

/// <summary>Reads a samples record (type 2) entry by entry. Borrowed from the record's bytes.</summary>
public ref struct SamplesRecordReader(ReadOnlySpan<byte> record)
{
    private TimedEntries _entries = new(record);

    public readonly ulong Ref => _entries.Ref;

    public readonly long TimestampMs => _entries.TimestampMs;

    public double Value { get; private set; }

    /// <summary>True when the record ended inside an entry: what was read before stands.</summary>
    public readonly bool IsBroken => _entries.Rest.IsBroken;

    public bool MoveNext()
    {
        if (!_entries.MoveNext())
        {
            return false;
        }

        Value = _entries.Rest.Double();
        return !_entries.Rest.IsBroken;
    }
}
