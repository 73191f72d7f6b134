using BenchmarkDotNet.Attributes;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Benchmarks.Exposition;

/// <summary>One page of 1,000 series. Throughput is the page's size (<see cref="PageBytes"/>, about 115 kB) by the mean.</summary>
[MemoryDiagnoser]
public class ParserBenchmark
{
    private readonly List<(byte[] Series, byte[] Metadata, MetricType? Type)> _expected = [];
    private byte[] _page = [];
    private byte[] _openMetricsPage = [];

    public int PageBytes => _page.Length;

    [GlobalSetup]
    public void Setup()
    {
        var parser = new TextParser(ExpositionPages.Make(1000, round: 1));
        while (parser.MoveNext())
        {
            if (parser.Entry == ExpositionEntry.Series)
            {
                _expected.Add((parser.SeriesBytes.ToArray(), parser.MetadataBytes.ToArray(), parser.MetadataType));
            }
        }

        _page = ExpositionPages.Make(1000, round: 2);
        _openMetricsPage = [.. _page, .. "# EOF\n"u8];
        Console.WriteLine($"// page of {PageBytes} bytes");
    }

    /// <summary>Every line is the expected one.</summary>
    [Benchmark(Baseline = true)]
    public double Warm() => ReadExpected(new TextParser(_page));

    [Benchmark]
    public double WarmOpenMetrics() => ReadExpected(new OpenMetricsParser(_openMetricsPage));

    /// <summary>No line is expected: every one is tokenised and checked.</summary>
    [Benchmark]
    public double Cold() => ReadAll(new TextParser(_page), null);

    /// <summary>As a target's first page: the labels of every line are read too.</summary>
    [Benchmark]
    public double ColdWithLabels() => ReadAll(new TextParser(_page), new LabelsBuilder());

    private double ReadExpected<TParser>(TParser parser)
        where TParser : struct, IExpositionParser, allows ref struct
    {
        var sum = 0d;
        foreach (var (series, metadata, type) in _expected)
        {
            if (!parser.TryMatchMetadata(metadata, type) || !parser.TryMatchSeries(series))
            {
                throw new InvalidOperationException("the page has another line than expected");
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
