using System.Text;
using ScrapeCluster.Exposition;

namespace ScrapeCluster.Tests.Exposition;

/// <summary>Makes pages that are almost right: good pages with a few bytes or tokens changed.</summary>
internal sealed class PageMutator(int seed)
{
    private static readonly string[] TextSeeds =
    [
        "# HELP http_requests_total Requests \\\\ by \\n code.\n# TYPE http_requests_total counter\nhttp_requests_total{code=\"200\",path=\"/\"} 1027\nhttp_requests_total{code=\"500\",path=\"/\"} 3 1395066363000\n",
        "# TYPE latency histogram\nlatency_bucket{le=\"1\"} 5\nlatency_bucket{le=\"+Inf\"} 7\nlatency_sum 8.25\nlatency_count 7\n",
        "# TYPE size summary\nsize{quantile=\"0.5\"} 4.9351e-05\nsize{quantile=\"1\"} NaN\nsize_sum 1e3\n",
        "a { b = \"c\" , d=\"\\\"e\\\\\" } \t 1.5e-3 \t 42 \n\n \t\n#comment\n#\n# HELP x\nx -Inf",
        "{\"dotted.name\",\"quoted label\"=\"ü\"} 1\n{a=\"b\",\"n\"} 2\n# TYPE \"dotted.name\" gauge\n # HELP \"q\\\"q\" text\n  {\"x\"}3\n",
        "up 1\nup{} 0\nz:rule:sum{le=\"a\" b=\"c\",} -12.5\nweird{v=\"line\nfeed\"} 7\n",
    ];

    private static readonly string[] OpenMetricsSeeds =
    [
        "# HELP foo_seconds Help \\\"text\\\".\n# TYPE foo_seconds counter\n# UNIT foo_seconds seconds\nfoo_seconds_total{a=\"b\"} 17.0 1520879607.789 # {id=\"x\",t=\"\"} 5 1.5\nfoo_seconds_created{a=\"b\"} 1.5e9\n# EOF\n",
        "# TYPE h histogram\nh_bucket{le=\"1\"} 1 # {} 0.5\nh_bucket{le=\"+Inf\"} 2\nh_count 2\nh_sum 1.25\n# EOF",
        "# TYPE g gaugehistogram\ng_bucket{le=\"+Inf\"} 1\n# TYPE i info\ni_info{v=\"1\"} 1\n# TYPE s stateset\ns{s=\"a\"} 1\n# TYPE u unknown\nu NaN\n# EOF\n",
        "# HELP a \na 1\na{} 2\n{\"dotted.name\",\"l l\"=\"ü\"} 3\n{x=\"y\",\"n\"} -Inf\n# TYPE \"q q\" summary\n# EOF\n",
    ];

    private static readonly string[] Tokens =
    [
        "\"", "{", "}", "\n", "#", " # {", "\\", ",", "=", "\0", "\x00ff", " ", "\t", "\r", "NaN", "1e999", "-", ".", "# EOF\n", "# TYPE ", "# HELP ", "# UNIT ", "{}", "\"a\"", "a=\"b\"",
        "0", "1", "+Inf", "le", "_sum", "_total", " 1", " 9223372036854775808", "histogram", "  ", "é",
    ];

    private readonly Random _random = new(seed);

    public byte[] Next(ExpositionFormat format)
    {
        var seeds = format == ExpositionFormat.Text ? TextSeeds : OpenMetricsSeeds;
        return Mutate(Encoding.UTF8.GetBytes(seeds[_random.Next(seeds.Length)]));
    }

    public byte[] Mutate(byte[] page)
    {
        var bytes = new List<byte>(page);
        for (var changes = _random.Next(0, 5); changes > 0; changes--)
        {
            var at = _random.Next(bytes.Count + 1);
            var length = Math.Min(_random.Next(1, 9), bytes.Count - at);
            switch (_random.Next(7))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)_random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3 when _random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, Encoding.Latin1.GetBytes(Tokens[_random.Next(Tokens.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }
}
