using System.Globalization;
using System.Text;

namespace ScrapeCluster.Testing.Exporter;

/// <summary>A page of a certain number of series, ready to be sent with its head. Values stand still: what is recorded is the request.</summary>
internal static class ExporterPage
{
    public const string SeriesName = "fault_series";

    public static byte[] Of(int series, IEnumerable<string> moreLines)
    {
        var body = new StringBuilder(series * 48).Append("# TYPE ").Append(SeriesName).Append(" gauge\n");
        foreach (var line in moreLines)
        {
            body.Append(line).Append('\n');
        }

        for (var i = 0; i < series; i++)
        {
            body.Append(CultureInfo.InvariantCulture, $"{SeriesName}{{i=\"{i}\",shard=\"s{i % 7}\"}} {i}.25\n");
        }

        return Answer("200 OK", "text/plain; version=0.0.4; charset=utf-8", body.ToString());
    }

    public static byte[] Answer(string status, string contentType, string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nContent-Length: {bytes.Length}\r\n\r\n"));
        return [.. head, .. bytes];
    }
}
