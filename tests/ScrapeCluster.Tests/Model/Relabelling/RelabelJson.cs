using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Model.Relabelling;

/// <summary>Rules as the suites write them.</summary>
internal static class RelabelJson
{
    public static bool TryRead(JsonElement element, [NotNullWhen(true)] out RelabelConfig? config)
    {
        config = new RelabelConfig();
        foreach (var field in element.EnumerateObject())
        {
            var text = field.Value.ToString();
            config = field.Name switch
            {
                "source_labels" => config with { SourceLabels = [.. field.Value.EnumerateArray().Select(name => name.GetString()!)] },
                "separator" => config with { Separator = text },
                "regex" => config with { Regex = text },
                "modulus" => config with { Modulus = field.Value.GetUInt64() },
                "target_label" => config with { TargetLabel = text },
                "replacement" => config with { Replacement = text },
                "action" when Enum.TryParse<RelabelAction>(text, ignoreCase: true, out var action) => config with { Action = action },
                _ => null,
            };
            if (config is null)
            {
                return false;
            }
        }

        return true;
    }
}
