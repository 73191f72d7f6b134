using System.Buffers;
using System.Text.Json;

namespace ScrapeCluster.Scraping;

/// <summary>
/// One scrape_failure_log_file: a JSON object a line, with the keys that Prometheus 3 writes. Reopened on every reload, so that a rotated file is let go.
/// </summary>
internal sealed class ScrapeFailureLog(string path) : IDisposable
{
    // Paths and messages are for people: no need to escape what HTML would need.
    private static readonly JsonWriterOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _writing = new();
    private FileStream? _file;

    /// <summary>What is wrong with the file, or null. A file that cannot be opened takes nothing.</summary>
    public string? Reopen()
    {
        lock (_writing)
        {
            _file?.Dispose();
            _file = null;
            try
            {
                _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                return $"unable to open scrape_failure_log_file {path}: {e.Message}";
            }
        }
    }

    public void Write(DateTimeOffset time, string job, string target, string fault)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(line, Readable))
        {
            json.WriteStartObject();
            json.WriteString("time", time.UtcDateTime);
            json.WriteString("level", "ERROR");
            json.WriteString("msg", fault);
            json.WriteString("job_name", job);
            json.WriteString("target", target);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        lock (_writing)
        {
            try
            {
                _file?.Write(line.WrittenSpan);
            }
            catch (IOException)
            {
                // A full disk must not end the scraping of a target that is down; the fault stands on the board too.
            }
        }
    }

    public void Dispose()
    {
        lock (_writing)
        {
            _file?.Dispose();
            _file = null;
        }
    }
}
