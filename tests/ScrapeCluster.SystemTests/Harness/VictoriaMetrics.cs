using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>VictoriaMetrics of the distribution, as a receiver of remote write.</summary>
internal sealed partial class VictoriaMetrics : HttpPeer
{
    public const string Program = "victoria-metrics";

    private VictoriaMetrics(int port, string dataFolder)
        : base(Program, [$"-storageDataPath={dataFolder}", $"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-memory.allowedBytes=64MB"], port)
    {
    }

    public static VictoriaMetrics Start(int port, string dataFolder) => new(port, dataFolder);

    /// <summary>
    /// Everything that it has, as labels in their order, value and time; a staleness marker as NaN. What came more than once is there more than once, and what
    /// came just now may not be seen for some seconds.
    /// </summary>
    public async Task<IReadOnlyList<(string Series, double Value, long TimestampMs)>> SamplesAsync()
    {
        (await GetAsync("/internal/force_flush")).Dispose();
        var samples = new List<(string, double, long)>();
        var lines = await TextAsync("/api/v1/export?match[]=" + Uri.EscapeDataString("{__name__!=\"\"}"));
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // Its values are not JSON where they are no ordinary numbers.
            using var series = JsonDocument.Parse(NotJson().Replace(line, "\"$0\""));
            var labels = series.RootElement.GetProperty("metric").EnumerateObject().OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}=\"{label.Value.GetString()}\"");
            var text = "{" + string.Join(", ", labels) + "}";
            var values = series.RootElement.GetProperty("values").EnumerateArray().Select(ValueOf);
            var times = series.RootElement.GetProperty("timestamps").EnumerateArray().Select(time => time.GetInt64());
            samples.AddRange(values.Zip(times, (value, time) => (text, value, time)));
        }

        return samples;
    }

    private static double ValueOf(JsonElement value) => value.ValueKind == JsonValueKind.Number
        ? value.GetDouble()
        : value.GetString() switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" or "null" => double.NaN,
            var other => double.Parse(other!, CultureInfo.InvariantCulture),
        };

    [GeneratedRegex(@"(?<=[\[,])([+-]Inf|NaN|null)(?=[\],])")]
    private static partial Regex NotJson();
}
