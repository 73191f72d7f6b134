using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Brings a target's labels together with those a line exposes (setting <c>honor_labels</c>).</summary>
internal static class TargetLabelMerge
{
    private static ReadOnlySpan<byte> ExportedPrefix => "exported_"u8;

    /// <summary>honor_labels: true. What is exposed stays; an exposed empty value counts as present, and so removes the target's label.</summary>
    public static void Honor(LabelsBuilder labels, Labels target)
    {
        foreach (var label in target)
        {
            if (labels.IndexOf(label.Name) < 0)
            {
                labels.Add(label.Name, label.Value);
            }
        }
    }

    /// <summary>
    /// honor_labels: false. The target's label wins; the exposed one moves to <c>exported_NAME</c>, with as many prefixes as it takes to find a
    /// name that is free among exposed and target labels. Shorter names choose first.
    /// </summary>
    public static void Export(LabelsBuilder labels, Labels target)
    {
        List<(byte[] Name, byte[] Value)>? conflicts = null;
        foreach (var label in target)
        {
            if (labels.TryGet(label.Name, out var exposed) && !exposed.IsEmpty)
            {
                (conflicts ??= []).Add((label.Name.ToArray(), exposed.ToArray()));
            }

            labels.Set(label.Name, label.Value);
        }

        foreach (var (name, value) in (conflicts ?? []).OrderBy(static conflict => conflict.Name.Length))
        {
            var free = name;
            do
            {
                free = [.. ExportedPrefix, .. free];
            }
            while (labels.TryGet(free, out var taken) && !taken.IsEmpty);

            labels.Set(free, value);
        }
    }
}
