using System.Globalization;
using ScrapeCluster.Model;

namespace ScrapeCluster.Exposition;

/// <summary>Says whether a page would be accepted by a scrape: what `scrapectl check metrics` does.</summary>
public static class MetricsCheck
{
    /// <summary>Reads the page to its end or its first fault, writes one line, and returns the exit code: 0 for a good page, 1 for a refused one.</summary>
    public static int Run(Stream page, ExpositionFormat format, TextWriter output)
    {
        using var body = new MemoryStream();
        page.CopyTo(body);
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        var fault = format == ExpositionFormat.OpenMetrics
            ? Walk(new OpenMetricsParser(bytes), bytes, out var series)
            : Walk(new TextParser(bytes), bytes, out series);
        output.WriteLine(fault?.ToString() ?? string.Create(CultureInfo.InvariantCulture, $"ok: {series} series"));
        return fault is null ? 0 : 1;
    }

    private static ExpositionFault? Walk<TParser>(TParser parser, ReadOnlySpan<byte> body, out int series)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        series = 0;
        var labels = new LabelsBuilder();
        while (parser.MoveNext())
        {
            if (parser.Entry != ExpositionEntry.Series)
            {
                continue;
            }

            series++;
            parser.ReadLabels(labels);
            if (labels.HasDuplicateNames())
            {
                body.Overlaps(parser.SeriesBytes, out var at);
                return ExpositionFault.At(body, at, at, "label name stands twice in one series");
            }
        }

        return parser.Fault;
    }
}
