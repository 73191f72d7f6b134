using BenchmarkDotNet.Attributes;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Benchmarks.Exposition;

/// <summary>One page of 1,000 series. Throughput is the page's size (<see cref="PageBytes"/>, about 115 kB) by the mean.</summary>
[MemoryDiagnoser]
public class ParserBenchmark
{
    private List<byte[]> _expected = [];
    private List<byte[]> _smallFamiliesExpected = [];
    private byte[] _page = [];
    private byte[] _smallFamiliesPage = [];
    private byte[] _openMetricsPage = [];

    public int PageBytes => _page.Length;

    [GlobalSetup]
    public void Setup()
    {
        _expected = SeriesOf(ExpositionPages.Make(1000, round: 1));
        _smallFamiliesExpected = SeriesOf(ExpositionPages.Make(1000, round: 1, seriesPerFamily: 2));
        _page = ExpositionPages.Make(1000, round: 2);
        _smallFamiliesPage = ExpositionPages.Make(1000, round: 2, seriesPerFamily: 2);
        _openMetricsPage = [.. _page, .. "# EOF\n"u8];
        Console.WriteLine($"// page of {PageBytes} bytes, with small families {_smallFamiliesPage.Length}");
    }

    /// <summary>Every line is the expected one.</summary>
    [Benchmark(Baseline = true)]
    public double Warm() => ReadExpected(new TextParser(_page), _expected);

    /// <summary>As many HELP and TYPE lines as series, about what the node exporter exposes.</summary>
    [Benchmark]
    public double WarmSmallFamilies() => ReadExpected(new TextParser(_smallFamiliesPage), _smallFamiliesExpected);

    [Benchmark]
    public double WarmOpenMetrics() => ReadExpected(new OpenMetricsParser(_openMetricsPage), _expected);

    /// <summary>No line is expected: every one is tokenised and checked.</summary>
    [Benchmark]
    public double Cold() => ReadAll(new TextParser(_page), null);

    /// <summary>As a target's first page: the labels of every line are read too.</summary>
    [Benchmark]
    public double ColdWithLabels() => ReadAll(new TextParser(_page), new LabelsBuilder());

    private static List<byte[]> SeriesOf(byte[] page)
    {
        var series = new List<byte[]>();
        var parser = new TextParser(page);
        while (parser.MoveNext())
        {
            if (parser.Entry == ExpositionEntry.Series)
            {
                series.Add(parser.SeriesBytes.ToArray());
            }
        }

        return series;
    }

    private static double ReadExpected<TParser>(TParser parser, List<byte[]> expected)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var sum = 0d;
        foreach (var series in expected)
        {
            while (!parser.TryMatchSeries(series))
            {
                if (!parser.MoveNext() || parser.Entry == ExpositionEntry.Series)
                {
                    throw new InvalidOperationException("the page has another line than expected");
                }
            }

            sum += parser.Value;
        }

        return sum;
    }

    private static double ReadAll<TParser>(TParser parser, LabelsBuilder? labels)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var sum = 0d;
        while (parser.MoveNext())
        {
            if (parser.Entry == ExpositionEntry.Series)
            {
                sum += parser.Value;
                if (labels is not null)
                {
                    parser.ReadLabels(labels);
                }
            }
        }

        return sum;
    }
}
