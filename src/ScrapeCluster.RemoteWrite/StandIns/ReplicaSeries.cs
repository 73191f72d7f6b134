using System.Globalization;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.RemoteWrite.StandIns;

/// <summary>
/// Which of the log's series are of which slot, by the label that tells the slots apart, and which are the <c>up</c> of a target: its value and the rest of its labels
/// say whose scrape a record is and how that went. So the log tells it again after a restart. One byte a series. Used by the follower's thread alone.
/// </summary>
internal sealed class ReplicaSeries(string label, string prefix)
{
    /// <summary>Slots beyond are not sent at all: they are further copies.</summary>
    public const int StandIn = 1;

    private const int PageLog2 = 10;
    private const ulong PageMask = (1 << PageLog2) - 1;
    private const byte NoSlot = 0;
    private const byte IsUp = 0x80;

    private readonly byte[] _label = System.Text.Encoding.UTF8.GetBytes(label);
    private readonly byte[] _prefix = System.Text.Encoding.UTF8.GetBytes(prefix);
    private readonly Dictionary<ulong, byte[]> _pages = [];
    private readonly Dictionary<ulong, ulong> _keys = [];
    private byte[]? _lastPage;
    private ulong _lastNumber;

    /// <summary>Takes the label off a series of the log. False when it is never sent.</summary>
    public bool Add(ulong seriesRef, LabelsBuilder labels)
    {
        Forget(seriesRef);
        var at = labels.IndexOf(_label);
        if (at < 0 || !TryReadSlot(labels.ValueAt(at), out var slot))
        {
            return true;
        }

        labels.RemoveAt(at);
        var number = seriesRef >> PageLog2;
        if (!_pages.TryGetValue(number, out var page))
        {
            _pages[number] = page = new byte[1 << PageLog2];
            _lastPage = null;
        }

        page[seriesRef & PageMask] = (byte)(Math.Min(slot, StandIn + 1) + 1);
        if (slot <= StandIn && labels.TryGet("__name__"u8, out var name) && name.SequenceEqual("up"u8))
        {
            page[seriesRef & PageMask] |= IsUp;
            _keys[seriesRef] = TargetKey.Of(labels.ToLabels(), label);
        }

        return slot <= StandIn;
    }

    public void Forget(ulong seriesRef)
    {
        if (_pages.TryGetValue(seriesRef >> PageLog2, out var page) && page[seriesRef & PageMask] != NoSlot)
        {
            page[seriesRef & PageMask] = NoSlot;
            _keys.Remove(seriesRef);
        }
    }

    /// <summary>Whose scrape the samples of a record are.</summary>
    public ReplicaRecord Read(ReadOnlySpan<byte> record)
    {
        var samples = new SamplesRecordReader(record);
        var read = new ReplicaRecord { Slot = -1 };
        var markers = 0;
        while (samples.MoveNext())
        {
            read.Count++;
            var kind = KindOf(samples.Ref);
            if (kind == NoSlot)
            {
                continue;
            }

            var isMarker = SpecialValues.IsStaleNaN(samples.Value);
            markers += isMarker ? 1 : 0;
            if (read.Slot < 0)
            {
                read.Slot = (kind & ~IsUp) - 1;
                read.TimestampMs = samples.TimestampMs;
            }

            // The last one: a target that exposes series of others may have the same among them, and what a scrape says of itself stands at the end.
            if ((kind & IsUp) != 0 && _keys.TryGetValue(samples.Ref, out var key))
            {
                (read.Key, read.HasUp, read.TimestampMs) = (key, true, samples.TimestampMs);
                read.Result = isMarker ? ScrapeResult.End : samples.Value == 1 ? ScrapeResult.Good : ScrapeResult.Failed;
            }
        }

        read.HasMarkers |= markers > 0;
        read.IsOnlyMarkers = markers > 0 && markers == read.Count;
        return read;
    }

    private byte KindOf(ulong seriesRef)
    {
        var number = seriesRef >> PageLog2;
        if (_lastPage is null || number != _lastNumber)
        {
            _lastPage = _pages.GetValueOrDefault(number);
            _lastNumber = number;
        }

        return _lastPage is null ? NoSlot : _lastPage[seriesRef & PageMask];
    }

    private bool TryReadSlot(ReadOnlySpan<byte> value, out int slot)
    {
        slot = 0;
        return value.StartsWith(_prefix) && int.TryParse(value[_prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out slot);
    }
}

/// <summary>What a record of samples is.</summary>
internal struct ReplicaRecord
{
    /// <summary>-1: of no target with slots.</summary>
    public int Slot;

    /// <summary>False: a part of a scrape that is too large for one record, or what is sent again of one. <see cref="Key"/> and <see cref="Result"/> are not known.</summary>
    public bool HasUp;
    public ulong Key;
    public long TimestampMs;
    public ScrapeResult Result;
    public bool HasMarkers;
    public bool IsOnlyMarkers;
    public int Count;
}
