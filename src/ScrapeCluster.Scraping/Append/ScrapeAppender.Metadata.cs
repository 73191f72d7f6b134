using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>What the page says of a family goes with its series: when they are new, and when it is new. Never on the warm path.</summary>
internal sealed partial class ScrapeAppender
{
    /// <summary>The series keeps its name only if relabelling leaves it: what is said of another name is not said of it.</summary>
    private static void Describe(Labels labels, FamilyMetadata? family, SampleBatch batch)
    {
        if (family is not null && labels.TryGet("__name__"u8, out var name) && FamilyRule.Includes(family.NameBytes, family.Type, name))
        {
            batch.Describe(family.Metadata);
        }
    }

    private void DescribeKnown(int id, SampleBatch batch)
    {
        if (LabelsOf(id) is { } labels)
        {
            Describe(labels, _families.Current, batch);
        }
    }

    /// <summary>The storage has forgotten the series, and with it what was said of it.</summary>
    private void DescribeAgain(Labels labels, SampleBatch second)
    {
        if (_describes && labels.TryGet("__name__"u8, out var name))
        {
            Describe(labels, _families.Of(name), second);
        }
    }
}
