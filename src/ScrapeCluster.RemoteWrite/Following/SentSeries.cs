using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.RemoteWrite.StandIns;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.RemoteWrite.Following;

/// <summary>What is known of a reference.</summary>
internal enum SeriesFate
{
    Unknown,

    /// <summary>Relabelling drops the series.</summary>
    Dropped,
    Sent,
}

/// <summary>
/// The labels behind the log's references, made ready for the wire: external labels where absent, then write_relabel_configs,
/// once a series record. Pages of consecutive references, as the storage gives them. Used by the follower's thread alone.
/// </summary>
/// <param name="withSymbols">The labels are sent by remote write 2.0.</param>
/// <param name="replicas">The slots of a target are sent as one: the label that tells them apart is left out. Null: they are sent each.</param>
internal sealed class SentSeries(Labels externalLabels, IReadOnlyList<RelabelRule> rules, bool withSymbols = false, ReplicaSeries? replicas = null)
{
    private const int PageLog2 = 10;
    private const ulong PageMask = (1 << PageLog2) - 1;

    /// <summary>In <see cref="Page.Places"/>, where sets of labels begin at <see cref="LabelStore.FirstPlace"/>.</summary>
    private const uint None = 0;
    private const uint Dropped = 1;

    /// <summary>Copying the store is not worth it for fewer forgotten sets.</summary>
    private const int LeastForgotten = 1024;

    private readonly Dictionary<ulong, Page> _pages = [];
    private readonly LabelsBuilder _builder = new();
    private LabelStore _labels = new(withSymbols);
    private Page? _lastPage;
    private ulong _lastNumber;
    private int _forgotten;

    public int Count { get; private set; }

    public ReplicaSeries? Replicas => replicas;

    /// <param name="segment">Where the record stands, for <see cref="Prune"/>.</param>
    public void Add(ReadOnlySpan<byte> seriesRecord, int segment)
    {
        var series = new SeriesRecordReader(seriesRecord);
        while (series.MoveNext())
        {
            series.ReadLabels(_builder);
            var number = series.Ref >> PageLog2;
            if (!_pages.TryGetValue(number, out var page))
            {
                _pages[number] = page = new Page();
                _lastPage = null;
            }

            var index = series.Ref & PageMask;
            Forget(page, index);
            var isSent = replicas?.Add(series.Ref, _builder) ?? true;
            (page.Places[index], page.Segments[index]) = (isSent ? Prepare() : Dropped, segment);
            page.Live++;
            Count++;
        }
    }

    public SeriesFate Find(ulong seriesRef, out StoredLabels labels)
    {
        labels = default;
        var number = seriesRef >> PageLog2;
        if (_lastPage is null || number != _lastNumber)
        {
            _lastPage = _pages.GetValueOrDefault(number);
            _lastNumber = number;
        }

        var place = _lastPage is null ? None : _lastPage.Places[seriesRef & PageMask];
        if (place < LabelStore.FirstPlace)
        {
            return place == Dropped ? SeriesFate.Dropped : SeriesFate.Unknown;
        }

        labels = new StoredLabels(_labels, place);
        return SeriesFate.Sent;
    }

    /// <summary>The checkpoint up to this segment holds these series, so they are here to stay for the <see cref="Prune"/> of the same segment.</summary>
    public void Keep(ReadOnlySpan<byte> seriesRecord, int lastSegment)
    {
        var series = new SeriesRecordReader(seriesRecord);
        while (series.MoveNext())
        {
            if (_pages.TryGetValue(series.Ref >> PageLog2, out var page) && page.Segments[series.Ref & PageMask] < lastSegment)
            {
                page.Segments[series.Ref & PageMask] = lastSegment;
            }
        }
    }

    /// <summary>Forgets the series of the segments before the last one that its checkpoint does not hold; those of that segment at the next checkpoint.</summary>
    public void Prune(int lastSegment)
    {
        foreach (var (number, page) in _pages)
        {
            for (ulong index = 0; index <= PageMask; index++)
            {
                if (page.Segments[index] < lastSegment)
                {
                    replicas?.Forget((number << PageLog2) | index);
                    Forget(page, index);
                }
            }

            if (page.Live == 0)
            {
                _pages.Remove(number);
            }
        }

        _lastPage = null;
        if (_forgotten > Math.Max(Count, LeastForgotten))
        {
            Compact();
        }
    }

    private void Forget(Page page, ulong index)
    {
        ref var place = ref page.Places[index];
        if (place == None)
        {
            return;
        }

        _forgotten += place == Dropped ? 0 : 1;
        place = None;
        page.Live--;
        Count--;
    }

    private uint Prepare()
    {
        foreach (var label in externalLabels)
        {
            if (_builder.IndexOf(label.Name) < 0)
            {
                _builder.Add(label.Name, label.Value);
            }
        }

        if (!RelabelRules.Apply(rules, _builder))
        {
            return Dropped;
        }

        var labels = _builder.ToLabels();
        return labels.IsEmpty ? Dropped : _labels.Add(labels);
    }

    /// <summary>Samples on their way keep the store that they came from.</summary>
    private void Compact()
    {
        var compact = new LabelStore(withSymbols);
        foreach (var page in _pages.Values)
        {
            foreach (ref var place in page.Places.AsSpan())
            {
                place = place < LabelStore.FirstPlace ? place : compact.Add(_labels, place);
            }
        }

        _labels = compact;
        _forgotten = 0;
    }

    private sealed class Page
    {
        public readonly uint[] Places = new uint[1 << PageLog2];
        public readonly int[] Segments = new int[1 << PageLog2];
        public int Live;
    }
}
