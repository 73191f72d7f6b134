using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ScrapeCluster.Node.Logging;

/// <summary>
/// One line an entry, as Prometheus writes its own: <c>time=... level=INFO source=... msg=... key=value</c>, or the same as JSON.
/// </summary>
internal sealed class LineFormatter(TimeProvider time, bool asJson) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var fields = new List<KeyValuePair<string, string>>(8)
        {
            new("time", time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
            new("level", LevelName(logEntry.LogLevel)),
            new("source", Short(logEntry.Category)),
            new("msg", logEntry.Formatter(logEntry.State, logEntry.Exception)),
        };
        if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            foreach (var (name, value) in values)
            {
                if (name != "{OriginalFormat}")
                {
                    fields.Add(new(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                }
            }
        }

        if (logEntry.Exception is not null)
        {
            fields.Add(new("exception", logEntry.Exception.ToString()));
        }

        textWriter.Write(asJson ? Json(fields) : Plain(fields));
        textWriter.Write('\n');
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARN",
        _ => "ERROR",
    };

    private static string Short(string category) => category[(category.LastIndexOf('.') + 1)..];

    private static string Plain(List<KeyValuePair<string, string>> fields)
    {
        var line = new StringBuilder();
        foreach (var (name, value) in fields)
        {
            line.Append(line.Length > 0 ? " " : "").Append(name).Append('=').Append(NeedsQuotes(value) ? Model.LabelText.Quote(value) : value);
        }

        return line.ToString();
    }

    private static bool NeedsQuotes(string value)
    {
        return value.Length == 0 || value.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0 || value.AsSpan().IndexOfAny('"', '=', '\\') >= 0;
    }

    private static string Json(List<KeyValuePair<string, string>> fields)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                if (seen.Add(name))
                {
                    json.WriteString(name, value);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
