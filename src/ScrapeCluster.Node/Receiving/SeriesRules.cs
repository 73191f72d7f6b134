using System.Text.Unicode;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Receiving;

/// <summary>
/// Which labels are a series: those with a name of their own, all UTF-8, no name twice (behaviour: Prometheus storage/remote/write_handler.go), and not more
/// than the storage takes.
/// </summary>
internal static class SeriesRules
{
    private const int MaxShownLength = 300;

    /// <summary>Null, or what is wrong. Sorts the labels.</summary>
    /// <param name="bytes">Of all their names and values.</param>
    public static string? FaultOf(LabelsBuilder labels, long bytes)
    {
        if (bytes > WriteDecoder.MaxLabelBytes || labels.Count > WriteDecoder.MaxLabels)
        {
            return $"invalid labels: a series may have {WriteDecoder.MaxLabels} labels of {WriteDecoder.MaxLabelBytes} bytes together at most";
        }

        if (!labels.TryGet("__name__"u8, out var metric) || metric.IsEmpty)
        {
            return $"invalid metric name or labels, got {Short(labels)}";
        }

        for (var i = 0; i < labels.Count; i++)
        {
            if (labels.NameAt(i).IsEmpty || !Utf8.IsValid(labels.NameAt(i)) || !Utf8.IsValid(labels.ValueAt(i)))
            {
                return $"invalid metric name or labels, got {Short(labels)}";
            }
        }

        return labels.HasDuplicateNames() ? $"invalid labels for series, a name is there twice: {Short(labels)}" : null;
    }

    public static string Short(LabelsBuilder labels) => Short(labels.ToLabels());

    public static string Short(Labels labels)
    {
        var text = labels.ToString();
        return text.Length <= MaxShownLength ? text : text[..MaxShownLength] + "...";
    }
}
