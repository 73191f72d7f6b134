using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScrapeCluster.Discovery.Files;

/// <summary>Reads <c>[{"targets": [...], "labels": {...}}]</c>; any other field is a fault.</summary>
internal static class TargetGroupJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static IReadOnlyList<WrittenGroup> Parse(byte[] content, out string? fault)
    {
        Group?[]? groups;
        try
        {
            groups = JsonSerializer.Deserialize<Group?[]>(content, Options);
        }
        catch (JsonException e)
        {
            fault = $"invalid JSON: {e.Message}";
            return [];
        }

        fault = null;
        var written = new List<WrittenGroup>();
        foreach (var group in groups ?? [])
        {
            if (group is null || group.Targets is { } targets && targets.Contains(null) || group.Labels is { } labels && labels.ContainsKey(""))
            {
                fault = $"group {written.Count} is null, or has a null target or a label without name";
                return [];
            }

            written.Add(new WrittenGroup(
                group.Targets?.OfType<string>().ToArray() ?? [],
                group.Labels?.ToDictionary(static label => label.Key, static label => label.Value ?? "") ?? []));
        }

        return written;
    }

    private sealed class Group
    {
        [JsonPropertyName("targets")]
        public string?[]? Targets { get; init; }

        [JsonPropertyName("labels")]
        public Dictionary<string, string?>? Labels { get; init; }
    }
}
