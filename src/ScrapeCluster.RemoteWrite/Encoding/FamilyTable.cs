using System.Collections.Concurrent;
using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <param name="Text">With its length in front.</param>
internal readonly record struct EncodedText(byte[] Text, uint Hash)
{
    public static EncodedText Of(string text)
    {
        var bytes = Protobuf.Prefixed(text);
        return new EncodedText(bytes, TextHash.Of(bytes));
    }
}

/// <summary>A family's metadata, ready for symbol tables.</summary>
internal sealed record FamilyTexts(MetricType Type, EncodedText Help, EncodedText Unit);

/// <summary>
/// What the targets say of their metric families, for the requests of one queue: 2.0 carries it with each series. The source is that of the metadata
/// requests of 1.0, so nothing has to be written to the log for it. It is read again at an interval, and soon after a metric comes up that
/// was never asked for. When targets differ over a family, one of them is right for all. Used by all shards.
/// </summary>
internal sealed class FamilyTable(Func<IEnumerable<MetadataEntry>> source, TimeSpan interval, TimeProvider time)
{
    /// <summary>New metrics do not make the source be read more often than this.</summary>
    public static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(5);

    /// <summary>Made by the scraper itself, so no target speaks of them.</summary>
    private static readonly MetadataEntry[] OwnFamilies =
    [
        Own("up", "Whether the last scrape of the target succeeded: 1 or 0."),
        Own("scrape_duration_seconds", "How long the scrape took.", "seconds"),
        Own("scrape_samples_scraped", "Samples that the target exposed."),
        Own("scrape_samples_post_metric_relabeling", "Samples that were left after metric relabelling."),
        Own("scrape_series_added", "Series that were new in this scrape."),
        Own("scrape_timeout_seconds", "The target's scrape timeout.", "seconds"),
        Own("scrape_sample_limit", "The target's sample limit."),
        Own("scrape_body_size_bytes", "The length of the page without compression.", "bytes"),
    ];

    /// <summary>Metrics that go away are forgotten when there are so many.</summary>
    private const int MostMetrics = 100_000;

    private readonly Lock _reading = new();
    private readonly ConcurrentDictionary<byte[], Found> _metrics = new(TextComparer.Instance);
    private volatile Families _families = new(new(TextComparer.Instance), 0);
    private volatile bool _isAskedFor;
    private volatile bool _isRead;

    private sealed record Families(Dictionary<byte[], FamilyTexts> ByName, long ReadAt);

    /// <summary>What was found for a metric in some reading.</summary>
    private sealed record Found(Families In, FamilyTexts? Texts);

    /// <param name="metric">With its length in front.</param>
    public FamilyTexts? Find(ReadOnlySpan<byte> metric)
    {
        var families = _families;
        var metrics = _metrics.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (metrics.TryGetValue(metric, out var found) && ReferenceEquals(found.In, families))
        {
            return found.Texts;
        }

        Protobuf.ReadVarint(metric, out var prefix);
        var texts = Resolve(families.ByName, metric[prefix..]);
        if (found is null && texts is null)
        {
            _isAskedFor = true;
        }

        metrics[metric] = new Found(families, texts);
        return texts;
    }

    /// <summary>Reads the source when it is time to; before every request.</summary>
    public void Refresh()
    {
        var age = time.GetElapsedTime(_families.ReadAt);
        if (_isRead && age < interval && !(_isAskedFor && age >= LeastInterval))
        {
            return;
        }

        // One shard reads. The others go on with what there is, once there is something.
        if (!_isRead)
        {
            _reading.Enter();
        }
        else if (!_reading.TryEnter())
        {
            return;
        }

        try
        {
            if (_isRead && time.GetElapsedTime(_families.ReadAt) < LeastInterval)
            {
                return;
            }

            _isAskedFor = false;
            if (_metrics.Count > MostMetrics)
            {
                _metrics.Clear();
            }

            _families = Read();
            _isRead = true;
        }
        finally
        {
            _reading.Exit();
        }
    }

    private Families Read()
    {
        var byName = new Dictionary<byte[], FamilyTexts>(TextComparer.Instance);
        var texts = new Dictionary<string, EncodedText>(StringComparer.Ordinal);
        foreach (var (family, metadata) in source().Concat(OwnFamilies))
        {
            byName.TryAdd(System.Text.Encoding.UTF8.GetBytes(family), new FamilyTexts(metadata.Type, Encoded(metadata.Help), Encoded(metadata.Unit)));
        }

        return new Families(byName, time.GetTimestamp());

        EncodedText Encoded(string text)
        {
            if (!texts.TryGetValue(text, out var encoded))
            {
                texts[text] = encoded = EncodedText.Of(text);
            }

            return encoded;
        }
    }

    private static FamilyTexts? Resolve(Dictionary<byte[], FamilyTexts> byName, ReadOnlySpan<byte> metric)
    {
        var names = byName.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (names.TryGetValue(metric, out var exact))
        {
            return exact;
        }

        return FamilyNames.TryStrip(metric, out var family, out var types) && names.TryGetValue(family, out var of) && types.Contains(of.Type) ? of : null;
    }

    private static MetadataEntry Own(string family, string help, string unit = "") => new(family, new MetricMetadata(MetricType.Gauge, help, unit));
}
