using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ScrapeCluster.Cli.Connection;

namespace ScrapeCluster.Cli.Output;

/// <summary>Answers to standard output, warnings to standard error, in the format that was asked for.</summary>
internal sealed class Printer(TextWriter output, TextWriter error, OutputFormat format)
{
    private static readonly JsonWriterOptions JsonOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool IsWide => format == OutputFormat.Wide;

    /// <summary>The answer as JSON, or by the given text.</summary>
    public void Print<T>(Answer<T> answer, JsonTypeInfo<T> type, Action<T> text)
    {
        foreach (var warning in answer.Warnings)
        {
            error.WriteLine($"warning: {Table.Clean(warning)}");
        }

        if (format == OutputFormat.Json)
        {
            Json(answer.Data, type);
        }
        else
        {
            text(answer.Data);
        }
    }

    public void Rows<T>(IReadOnlyList<T> rows, params Column<T>[] columns) => Table.Write(output, rows, [.. columns.Where(column => IsWide || !column.IsWide)]);

    public void Line(string text = "") => output.WriteLine(text.Length == 0 ? "" : Table.Clean(text));

    /// <summary>Names and values, one a line.</summary>
    public void Pairs(params (string Name, string Value)[] pairs)
    {
        var width = pairs.Max(pair => pair.Name.Length);
        foreach (var (name, value) in pairs)
        {
            output.WriteLine($"{name.PadRight(width)}  {Table.Clean(value)}");
        }
    }

    public static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    public static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Time(DateTimeOffset? time) => time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : Table.None;

    private void Json<T>(T data, JsonTypeInfo<T> type)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, JsonOptions))
        {
            JsonSerializer.Serialize(json, data, type);
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
    }
}
