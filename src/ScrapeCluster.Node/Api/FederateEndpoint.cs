using System.Globalization;
using System.Text;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// <c>/federate</c>: the newest sample of every selected series within the lookback, as a page that another Prometheus scrapes
/// (https://prometheus.io/docs/prometheus/latest/federation/). Grouped by metric name, type untyped, explicit timestamps;
/// external labels and an empty <c>instance</c> stand where a series has none of its own, so that the scraping side adds none.
/// </summary>
internal static class FederateEndpoint
{
    /// <summary>Names the nodes whose samples are missing, since a page has no place for warnings.</summary>
    internal const string MissingHeader = "X-ScrapeCluster-Missing";

    private static readonly TimeSpan Lookback = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet("/federate", http => Federate(http, node, fanout));
    }

    private static async Task Federate(HttpContext http, NodeContext node, Fanout fanout)
    {
        var selectors = SelectorParameters.Texts(http.Request.Query["match[]"]);
        if (SelectorParameters.FaultOf(selectors) is { } fault)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            http.Response.ContentType = "text/plain; charset=utf-8";
            await http.Response.WriteAsync(fault + "\n", http.RequestAborted);
            return;
        }

        var asked = new NewestAsked
        {
            Selectors = { selectors },
            AtMs = node.Time.GetUtcNow().ToUnixTimeMilliseconds(),
            LookbackMs = (long)Lookback.TotalMilliseconds,
        };
        var answer = await fanout.AskAllAsync(Questions.Newest, asked, http.RequestAborted);
        var samples = NewestMerge.Merge(answer.Parts.SelectMany(part => part.Part), node.ReplicaLabelOf(), node.Config.Current.Config.Global.ScrapeInterval);
        if (answer.Missing.Count > 0)
        {
            http.Response.Headers[MissingHeader] = string.Join(", ", answer.Missing.Select(missing => missing.Node));
        }

        http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8";
        var external = ExternalLabels(node.Config.Current.Config.Global.ExternalLabels);
        var page = new StringBuilder();
        foreach (var family in samples.GroupBy(sample => sample.Labels.Get(Labels.MetricName) ?? "").OrderBy(family => family.Key, StringComparer.Ordinal))
        {
            if (family.Key.Length == 0)
            {
                continue;
            }

            page.Append("# TYPE ").Append(ExposedName(family.Key)).Append(" untyped\n");
            foreach (var sample in family.OrderBy(sample => sample.Labels, LabelsOrder.Instance))
            {
                AppendSample(page, family.Key, sample, external);
            }

            await http.Response.WriteAsync(page.ToString(), http.RequestAborted);
            page.Clear();
        }
    }

    /// <summary>External labels by name, with an empty instance unless they have one.</summary>
    private static SortedDictionary<string, string> ExternalLabels(Labels configured)
    {
        var external = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["instance"] = "" };
        foreach (var (name, value) in configured.ToPairs())
        {
            external[name] = value;
        }

        return external;
    }

    private static void AppendSample(StringBuilder page, string name, LatestSample sample, SortedDictionary<string, string> external)
    {
        var isLegacyName = IsLegacyMetricName(name);
        var separator = '{';
        page.Append(isLegacyName ? name : "");
        if (!isLegacyName)
        {
            page.Append(separator).Append(Quoted(name));
            separator = ',';
        }

        var own = sample.Labels.ToPairs().Where(label => label.Key != Labels.MetricName).ToList();
        foreach (var (label, value) in own.Concat(external.Where(label => own.TrueForAll(has => has.Key != label.Key))))
        {
            page.Append(separator).Append(LabelText.IsLegacyName(label) ? label : Quoted(label)).Append('=').Append(Quoted(value));
            separator = ',';
        }

        page.Append(separator == '{' ? "" : "}").Append(' ').Append(Number(sample.Value)).Append(' ');
        page.Append(sample.TimestampMs.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>The shortest text that reads back to the same double, as Go's <c>%g</c> has it.</summary>
    private static string Number(double value)
    {
        Span<byte> text = stackalloc byte[OpenMetricsFloat.LongestText];
        var length = OpenMetricsFloat.Format(value, text);
        var written = Encoding.ASCII.GetString(text[..length]);
        return written.EndsWith(".0", StringComparison.Ordinal) ? written[..^2] : written;
    }

    private static string ExposedName(string name) => IsLegacyMetricName(name) ? name : Quoted(name);

    private static bool IsLegacyMetricName(string name) => LabelText.IsLegacyName(name.Replace(':', '_'));

    private static string Quoted(string value)
    {
        return "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }
}
