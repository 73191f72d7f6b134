using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Exposition;

/// <summary>Reads a page the way a series cache does: the lines of an earlier page, in their order, are tried first.</summary>
internal static class WarmReader
{
    public static IReadOnlyList<byte[]> Remember(byte[] page, ExpositionFormat format)
    {
        var remembered = new List<byte[]>();
        _ = format == ExpositionFormat.Text ? Walk(new TextParser(page), [], remembered) : Walk(new OpenMetricsParser(page), [], remembered);
        return remembered;
    }

    /// <summary>The series with their values, and the fault at the end, as text.</summary>
    public static IReadOnlyList<string> Read(byte[] page, ExpositionFormat format, IReadOnlyList<byte[]> expected)
    {
        return format == ExpositionFormat.Text ? Walk(new TextParser(page), expected, []) : Walk(new OpenMetricsParser(page), expected, []);
    }

    private static List<string> Walk<TParser>(TParser parser, IReadOnlyList<byte[]> expected, List<byte[]> seen)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var lines = new List<string>();
        var labels = new LabelsBuilder();
        var next = 0;
        while (true)
        {
            if (!(next < expected.Count && parser.TryMatchSeries(expected[next])) && !parser.MoveNext())
            {
                break;
            }

            if (parser.Entry == ExpositionEntry.Series)
            {
                next++;
                parser.ReadLabels(labels);
                seen.Add(parser.SeriesBytes.ToArray());
                lines.Add(ParsedSample.Of(labels, parser.Value, parser.HasTimestamp ? parser.TimestampMs : null).ToString());
            }
        }

        lines.Add(parser.Fault?.ToString() ?? "end");
        return lines;
    }
}
