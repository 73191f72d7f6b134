using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace ScrapeCluster.LoadGenerator;

/// <summary>
/// Pages of a synthetic exporter: ten families, lines of about 115 bytes. Half of the values stand still, four tenths count up, one tenth are noisy fractions.
/// All but the values is rendered once, so that a page costs little more than a copy and the generator leaves the machine to the scraper.
/// </summary>
internal sealed class PageRenderer
{
    private const int LongestValueBytes = 24;

    private static readonly (string Name, string Type)[] Families =
    [
        ("app_requests_total", "counter"),
        ("app_request_duration_milliseconds_count", "counter"),
        ("app_response_body_size_bytes_sum", "counter"),
        ("container_memory_working_set_bytes", "gauge"),
        ("cluster_pod_container_status_restarts", "gauge"),
        ("disk_io_time_weighted_seconds_total", "counter"),
        ("filesystem_available_inodes", "gauge"),
        ("network_interface_receive_bytes_total", "counter"),
        ("queue_consumer_lag_messages", "gauge"),
        ("runtime_heap_segment_live_bytes", "gauge"),
    ];

    private readonly ConcurrentDictionary<int, Ticks> _targets = new();
    private readonly byte[] _text;
    private readonly int[] _ends;

    private sealed class Ticks
    {
        public uint Count;
    }

    public PageRenderer(int series)
    {
        _ends = new int[series];
        var text = new StringBuilder();
        for (var i = 0; i < series; i++)
        {
            var family = (int)((long)i * Families.Length / series);
            if (i == 0 || family != (int)((i - 1L) * Families.Length / series))
            {
                var (name, type) = Families[family];
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} One of the synthetic families of the load generator.\n# TYPE {name} {type}\n");
            }

            AppendSeries(text, Families[family].Name, i);
            _ends[i] = text.Length;
        }

        _text = Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Room for every page, and for a small answer of another kind.</summary>
    public int LongestPageBytes => _text.Length + (_ends.Length * LongestValueBytes) + 256;

    /// <summary>The next page of a target; returns its length.</summary>
    public int Render(int target, Span<byte> destination)
    {
        var tick = Interlocked.Increment(ref _targets.GetOrAdd(target, _ => new Ticks()).Count);
        var seed = (uint)(target * 7919) + 1;
        var at = 0;
        var start = 0;
        foreach (var end in _ends)
        {
            _text.AsSpan(start, end - start).CopyTo(destination[at..]);
            at += end - start;
            start = end;
            seed = (seed * 1664525) + 1013904223;
            at += WriteValue(seed >> 8, tick, destination[at..]);
            destination[at++] = (byte)'\n';
        }

        return at;
    }

    private static void AppendSeries(StringBuilder text, string name, int i)
    {
        text.Append(CultureInfo.InvariantCulture, $"{name}{{shard=\"s{i % 8}\",path=\"/api/v2/items/{i}\",verb=\"{((i & 1) == 0 ? "PUT" : "GET")}\",");
        text.Append(CultureInfo.InvariantCulture, $"status=\"{200 + (i % 4 * 100)}\",region=\"north-{i % 3}\"}} ");
    }

    private static int WriteValue(uint random, uint tick, Span<byte> destination)
    {
        int length;
        switch (random % 10)
        {
            case < 5:
                Utf8Formatter.TryFormat(random % 100_000, destination, out length);
                return length;
            case < 9:
                Utf8Formatter.TryFormat((random % 100_000) + ((ulong)tick * (1 + (random % 50))), destination, out length);
                return length;
            default:
                var noise = ((random * 2_654_435_761UL) + (tick * 97UL)) % 1_000_003;
                Utf8Formatter.TryFormat(noise / 997.0, destination, out length, new System.Buffers.StandardFormat('F', 6));
                return length;
        }
    }
}
