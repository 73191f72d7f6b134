using System.Runtime.CompilerServices;

namespace ScrapeCluster.Storage.Wal.Records;

/// <summary>
/// What the records of samples, exemplars and histograms have in common: base reference and base time, then entries that
/// start with their differences to both. The reader of each kind takes what follows from <see cref="Rest"/>.
/// </summary>
internal ref struct TimedEntries
{
    /// <summary>Type byte, base reference, base time.</summary>
    public const int HeaderLength = 1 + (2 * sizeof(ulong));

    /// <summary>A field, since its methods move it.</summary>
    public RecordCursor Rest;

    private readonly ulong _baseRef;
    private readonly long _baseTimestampMs;

    public TimedEntries(ReadOnlySpan<byte> record)
    {
        Rest = new RecordCursor(record[1..]);
        if (!Rest.AtEnd)
        {
            _baseRef = Rest.UInt64();
            _baseTimestampMs = (long)Rest.UInt64();
        }
    }

    public ulong Ref { get; private set; }

    public long TimestampMs { get; private set; }

    /// <summary>False at the end of the record.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (Rest.AtEnd)
        {
            return false;
        }

        Ref = _baseRef + (ulong)Rest.Varint();
        TimestampMs = _baseTimestampMs + Rest.Varint();
        return true;
    }
}
