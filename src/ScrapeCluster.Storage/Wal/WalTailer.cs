namespace ScrapeCluster.Storage.Wal;

/// <summary>
/// Follows a log that is being written, from a position on: whole records only, up to what the writer has published, then
/// into the next segment, those that a checkpoint stands for included while they are there. One thread. Neither the writer nor truncation waits for it: what is owed
/// (<see cref="OwedLog"/>) stays within limits only, and segments that are gone before they were reached are counted in <see cref="LostSegments"/>. Whoever
/// keeps series must look at that number before using a record: the records of series that were lost stand in the newest checkpoint (<see cref="WalReader"/>).
/// </summary>
public sealed class WalTailer : IDisposable
{
    private readonly string _directory;
    private readonly WalPublication _published;
    private SegmentReader _reader;
    private int _segment;
    private bool _isClosedSegment;
    private bool _hasNoNext;

    /// <param name="start">The start of a record. If its segment is gone, reading begins with the first later one that is there.</param>
    /// <exception cref="FileNotFoundException">No segment from there on exists.</exception>
    public WalTailer(string directory, WalPublication published, WalPosition start)
    {
        _directory = directory;
        _published = published;
        _segment = start.Segment;
        _reader = OpenAt(start);
    }

    /// <summary>The end of the last record read.</summary>
    public WalPosition Position => new(_segment, _reader.GoodEnd);

    /// <summary>The start of the last record read.</summary>
    public WalPosition RecordPosition => new(_segment, _reader.RecordOffset);

    public int LostSegments { get; private set; }

    public long DamagedPlaces { get; private set; }

    public WalDamage? LastDamage { get; private set; }

    /// <summary>The next record, valid until the next call; false when all that is published has been read.</summary>
    public bool TryRead(out ReadOnlySpan<byte> record)
    {
        while (true)
        {
            if (_reader.TryRead(out record))
            {
                if (!record.IsEmpty)
                {
                    return true;
                }
            }
            else if (_reader.Damage is { } damage)
            {
                LastDamage = damage;
                DamagedPlaces++;
                _reader.SkipDamage();
            }
            else if (!TryGoOn())
            {
                return false;
            }
        }
    }

    /// <summary>Blocks until there may be more to read, the publication is woken or the timeout passes.</summary>
    public void WaitForMore(TimeSpan timeout)
    {
        var published = _published.Position;
        if (published.Segment == _segment ? published.Offset <= _reader.Limit : _hasNoNext)
        {
            _published.WaitForMore(published, timeout);
        }
    }

    public void Dispose() => _reader.Dispose();

    private SegmentReader OpenAt(WalPosition start)
    {
        try
        {
            var reader = new SegmentReader(WalFormat.SegmentPath(_directory, start.Segment), start.Segment);
            reader.StartAt(start.Offset);
            return reader;
        }
        catch (FileNotFoundException) when (start.Segment < _published.Position.Segment)
        {
            LostSegments++;
            _segment = start.Segment + 1;
            return OpenAt(new WalPosition(_segment, 0));
        }
    }

    /// <summary>Raises the limit of the present segment or moves to the next one; false when neither has more.</summary>
    private bool TryGoOn()
    {
        var published = _published.Position;
        if (published.Segment == _segment)
        {
            var hasMore = published.Offset > _reader.Limit;
            _reader.Limit = Math.Max(_reader.Limit, published.Offset);
            return hasMore;
        }

        // The writer has left this segment, so its length is final: first read what was added since the last look.
        if (!_isClosedSegment)
        {
            _isClosedSegment = true;
            _reader.Limit = _reader.FileLength;
            return true;
        }

        return TryOpenNext(published.Segment);
    }

    private bool TryOpenNext(int newest)
    {
        for (var next = _segment + 1; next <= newest; next++)
        {
            try
            {
                var reader = new SegmentReader(WalFormat.SegmentPath(_directory, next), next);
                _reader.Dispose();
                _reader = reader;
                _reader.StartAt(0);
                _segment = next;
                _isClosedSegment = false;
                _hasNoNext = false;
                return true;
            }
            catch (FileNotFoundException)
            {
                LostSegments++;
            }
        }

        _hasNoNext = true;
        return false;
    }
}
