using System.Text.Json;
using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Api;

/// <summary>Label sets as JSON objects, bytes copied without a detour over strings.</summary>
internal static class LabelsJson
{
    public static void WriteLabels(this Utf8JsonWriter json, string propertyName, Labels labels)
    {
        json.WritePropertyName(propertyName);
        json.WriteLabels(labels);
    }

    public static void WriteLabels(this Utf8JsonWriter json, Labels labels)
    {
        json.WriteStartObject();
        foreach (var label in labels)
        {
            if (label.Name.SequenceEqual("__address__"u8) && AddressMask.TryMask(label.Value, out var masked))
            {
                json.WriteString(label.Name, masked);
                continue;
            }

            json.WriteString(label.Name, label.Value);
        }

        json.WriteEndObject();
    }
}
