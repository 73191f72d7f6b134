using System.Text.Encodings.Web;
using System.Text.Json;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// Prometheus's answer envelope, <c>{"status":...,"data":...,"errorType":...,"error":...,"warnings":[]}</c>, written straight to the body.
/// </summary>
internal static class ApiAnswer
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = false };

    public static Task Success(HttpContext http, Action<Utf8JsonWriter> data, IReadOnlyList<string>? warnings = null)
    {
        http.Response.StatusCode = StatusCodes.Status200OK;
        return Write(http, json =>
        {
            json.WriteString("status", "success");
            json.WritePropertyName("data");
            data(json);
            WriteWarnings(json, warnings);
        });
    }

    public static Task Error(HttpContext http, ApiError error)
    {
        http.Response.StatusCode = error.StatusCode;
        return Write(http, json =>
        {
            json.WriteString("status", "error");
            json.WriteString("errorType", error.Type);
            json.WriteString("error", error.Message);
        });
    }

    private static async Task Write(HttpContext http, Action<Utf8JsonWriter> members)
    {
        http.Response.ContentType = "application/json";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, WriterOptions))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static void WriteWarnings(Utf8JsonWriter json, IReadOnlyList<string>? warnings)
    {
        if (warnings is not { Count: > 0 })
        {
            return;
        }

        json.WriteStartArray("warnings");
        foreach (var warning in warnings)
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
    }
}

/// <summary>Error types and status codes of Prometheus's HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/).</summary>
internal sealed record ApiError(int StatusCode, string Type, string Message)
{
    public static ApiError BadData(string message) => new(StatusCodes.Status400BadRequest, "bad_data", message);

    public static ApiError Execution(string message) => new(StatusCodes.Status422UnprocessableEntity, "execution", message);

    public static ApiError NotFound(string message) => new(StatusCodes.Status404NotFound, "not_found", message);

    public static ApiError Unavailable(string message) => new(StatusCodes.Status503ServiceUnavailable, "unavailable", message);

    public static ApiError Internal(string message) => new(StatusCodes.Status500InternalServerError, "internal", message);
}
