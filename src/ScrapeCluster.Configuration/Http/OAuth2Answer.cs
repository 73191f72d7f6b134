using System.Text;
using System.Text.Json;

namespace ScrapeCluster.Configuration.Http;

/// <summary>What a token endpoint says (RFC 6749, sections 5.1 and 5.2).</summary>
internal sealed record OAuth2Answer(string AccessToken, string TokenType, TimeSpan ExpiresIn, string Reason)
{
    private const int LongestBytes = 1 << 20;

    public static async Task<string> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[LongestBytes];
        return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken));
    }

    public static OAuth2Answer Read(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            var type = Text(root, "token_type");
            var error = $"{Text(root, "error")} {Text(root, "error_description")}".Trim();
            return new OAuth2Answer(
                Text(root, "access_token"),
                type.Length == 0 || type.Equals("bearer", StringComparison.OrdinalIgnoreCase) ? "Bearer" : type,
                Seconds(root),
                error.Length > 0 ? $": {error}" : ": no access_token in the answer");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new OAuth2Answer("", "", TimeSpan.Zero, ": the answer is not a JSON object");
        }
    }

    private static string Text(JsonElement root, string name)
    {
        return root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }

    /// <summary>Some servers write the number as a string.</summary>
    private static TimeSpan Seconds(JsonElement root)
    {
        if (!root.TryGetProperty("expires_in", out var value))
        {
            return TimeSpan.Zero;
        }

        var isNumber = value.ValueKind == JsonValueKind.Number ? value.TryGetInt64(out var seconds) : long.TryParse(Text(root, "expires_in"), out seconds);
        return isNumber ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, int.MaxValue)) : TimeSpan.Zero;
    }
}
