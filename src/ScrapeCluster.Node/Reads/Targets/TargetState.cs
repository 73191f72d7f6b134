using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Reads;

/// <summary>An active target as the node sees it that scrapes it.</summary>
/// <param name="Families">Only where they were asked for.</param>
internal sealed record TargetState(TargetSnapshot Target, IReadOnlyList<FamilyTexts> Families)
{
    public (string Job, ulong Hash, int Slot) Key => (Target.Pool, Target.Hash, Target.Slot);
}

/// <summary>What is said of one metric family; several texts where targets disagree.</summary>
internal sealed record FamilyTexts(string Name, IReadOnlyList<MetricMetadata> Texts);
