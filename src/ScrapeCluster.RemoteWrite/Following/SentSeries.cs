using ScrapeCluster.Model;
using ScrapeCluster.RemoteWrite.Encoding;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.RemoteWrite.Following;

/// <summary>
/// The labels behind the log's references, made ready for the wire: external labels where absent, then write_relabel_configs,
/// once a series record. Used by the follower's thread alone.
/// </summary>
internal sealed class SentSeries(Labels externalLabels, IReadOnlyList<RelabelRule> rules)
{
    /// <summary>Null labels: relabelling drops the series.</summary>
    private readonly record struct Entry(byte[]? Labels, int Segment);

    private readonly Dictionary<ulong, Entry> _entries = [];
    private readonly LabelsBuilder _labels = new();

    public int Count => _entries.Count;

    /// <param name="segment">Where the record stands, for <see cref="Prune"/>.</param>
    public void Add(ReadOnlySpan<byte> seriesRecord, int segment)
    {
        var series = new SeriesRecordReader(seriesRecord);
        while (series.MoveNext())
        {
            series.ReadLabels(_labels);
            _entries[series.Ref] = new Entry(Prepare(), segment);
        }
    }

    /// <param name="labels">Null when relabelling drops the series.</param>
    public bool TryGet(ulong seriesRef, out byte[]? labels)
    {
        var isKnown = _entries.TryGetValue(seriesRef, out var entry);
        labels = entry.Labels;
        return isKnown;
    }

    /// <summary>Forgets series of the segments up to <paramref name="lastSegment"/> that the checkpoint standing for them no longer holds.</summary>
    public void Prune(int lastSegment, HashSet<ulong> kept)
    {
        foreach (var (seriesRef, entry) in _entries)
        {
            if (entry.Segment <= lastSegment && !kept.Contains(seriesRef))
            {
                _entries.Remove(seriesRef);
            }
        }
    }

    private byte[]? Prepare()
    {
        foreach (var label in externalLabels)
        {
            if (_labels.IndexOf(label.Name) < 0)
            {
                _labels.Add(label.Name, label.Value);
            }
        }

        if (!RelabelRules.Apply(rules, _labels))
        {
            return null;
        }

        var labels = _labels.ToLabels();
        return labels.IsEmpty ? null : WriteRequestEncoder.EncodeLabels(labels);
    }
}
