using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Api;

/// <summary>What each rule of a job makes of a label set.</summary>
internal static class RelabelSteps
{
    /// <summary>Up to the rule that drops the set, which then has no labels left to show. The set is changed on the way.</summary>
    public static IEnumerable<(RelabelConfig Rule, Labels Output, bool Keep)> Walk(IReadOnlyList<RelabelConfig> rules, LabelsBuilder labels)
    {
        var keep = true;
        foreach (var config in rules)
        {
            if (!keep || !RelabelRule.TryCompile(config, out var rule, out _))
            {
                yield break;
            }

            keep = RelabelRules.Apply([rule], labels);
            yield return (config, keep ? labels.ToLabels() : Labels.Empty, keep);
        }
    }
}
