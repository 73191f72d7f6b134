using System.Buffers;
using ScrapeCluster.Model;

namespace ScrapeCluster.Exposition;

/// <summary>Reads the labels of a series whose text a parser has accepted; one grammar serves both formats, since OpenMetrics' is the narrower one.</summary>
public static class SeriesLabels
{
    private static ReadOnlySpan<byte> MetricName => "__name__"u8;

    private const int LargestStackBuffer = 512;

    public static void Read(ReadOnlySpan<byte> series, MetricType type, LabelsBuilder labels)
    {
        labels.Clear();
        var at = ExpositionText.MetricNameLength(series);
        if (at > 0)
        {
            labels.Add(MetricName, series[..at]);
        }

        var brace = series[at..].IndexOf((byte)'{');
        if (brace < 0)
        {
            return;
        }

        at = SkipTo(series, at + brace + 1);
        while (series[at] != '}')
        {
            var name = TakeName(series, ref at);
            at = SkipBlanks(series, at);
            if (series[at] != '=')
            {
                Add(labels, MetricName, name);
            }
            else
            {
                at = SkipBlanks(series, at + 1);
                var value = TakeQuoted(series, ref at);
                AddLabel(labels, type, name, value);
            }

            at = SkipTo(series, at);
        }
    }

    private static int SkipBlanks(ReadOnlySpan<byte> series, int at)
    {
        while (series[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }

        return at;
    }

    private static int SkipTo(ReadOnlySpan<byte> series, int at)
    {
        while (series[at] is (byte)' ' or (byte)'\t' or (byte)',')
        {
            at++;
        }

        return at;
    }

    private static ReadOnlySpan<byte> TakeName(ReadOnlySpan<byte> series, ref int at)
    {
        if (series[at] == '"')
        {
            return TakeQuoted(series, ref at);
        }

        var name = series.Slice(at, ExpositionText.LabelNameLength(series[at..]));
        at += name.Length;
        return name;
    }

    private static ReadOnlySpan<byte> TakeQuoted(ReadOnlySpan<byte> series, ref int at)
    {
        var quoted = series.Slice(at, ExpositionText.QuotedLength(series[at..], default));
        at += quoted.Length;
        return quoted[1..^1];
    }

    private static void AddLabel(LabelsBuilder labels, MetricType type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var isBound = (type == MetricType.Histogram && name.SequenceEqual("le"u8))
            || (type == MetricType.Summary && name.SequenceEqual("quantile"u8));
        Span<byte> canonical = stackalloc byte[OpenMetricsFloat.LongestText];
        if (isBound && OpenMetricsFloat.TryCanonical(value, canonical, out var length))
        {
            labels.Add(name, canonical[..length]);
        }
        else
        {
            Add(labels, name, value);
        }
    }

    private static void Add(LabelsBuilder labels, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!name.Contains((byte)'\\') && !value.Contains((byte)'\\'))
        {
            labels.Add(name, value);
            return;
        }

        var size = name.Length + value.Length;
        byte[]? rented = null;
        var buffer = size <= LargestStackBuffer ? stackalloc byte[LargestStackBuffer] : rented = ArrayPool<byte>.Shared.Rent(size);
        var nameLength = ExpositionText.Unescape(name, buffer);
        var valueLength = ExpositionText.Unescape(value, buffer[nameLength..]);
        labels.Add(buffer[..nameLength], buffer.Slice(nameLength, valueLength));
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
