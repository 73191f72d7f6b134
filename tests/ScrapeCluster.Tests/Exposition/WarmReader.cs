using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Exposition;

/// <summary>Reads a page the way a series cache does: the lines of an earlier page, in their order, are tried first.</summary>
internal static class WarmReader
{
    public sealed record Remembered(byte[] Series, byte[] Metadata, MetricType? Type);

    public static IReadOnlyList<Remembered> Remember(byte[] page, ExpositionFormat format)
    {
        var remembered = new List<Remembered>();
        _ = format == ExpositionFormat.Text ? Walk(new TextParser(page), [], remembered) : Walk(new OpenMetricsParser(page), [], remembered);
        return remembered;
    }

    /// <summary>The series with their values, and the fault at the end, as text.</summary>
    public static IReadOnlyList<string> Read(byte[] page, ExpositionFormat format, IReadOnlyList<Remembered> expected)
    {
        return format == ExpositionFormat.Text ? Walk(new TextParser(page), expected, []) : Walk(new OpenMetricsParser(page), expected, []);
    }

    private static List<string> Walk<TParser>(TParser parser, IReadOnlyList<Remembered> expected, List<Remembered> seen)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var lines = new List<string>();
        var labels = new LabelsBuilder();
        var next = 0;
        while (true)
        {
            var isExpected = next < expected.Count
                && parser.TryMatchMetadata(expected[next].Metadata, expected[next].Type)
                && parser.TryMatchSeries(expected[next].Series);
            if (!isExpected && !parser.MoveNext())
            {
                break;
            }

            if (parser.Entry == ExpositionEntry.Series)
            {
                next++;
                parser.ReadLabels(labels);
                seen.Add(new Remembered(parser.SeriesBytes.ToArray(), parser.MetadataBytes.ToArray(), parser.MetadataType));
                lines.Add($"{ParsedSample.Of(labels, parser.Value, parser.HasTimestamp ? parser.TimestampMs : null)} after {parser.MetadataBytes.Length} bytes of {parser.MetadataType}");
            }
        }

        lines.Add(parser.Fault?.ToString() ?? "end");
        return lines;
    }
}
