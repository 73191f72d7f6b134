namespace ScrapeCluster.Model;

/// <summary>
/// The name of a target that all of its slots have in common, and that can be read off the labels of its <c>up</c> series as well: a hash of the labels that its
/// samples get, without the name of the metric and without the label of the replica.
/// </summary>
public static class TargetKey
{
    public static ulong Of(Labels labels, string replicaLabel)
    {
        var builder = new LabelsBuilder();
        builder.Reset(labels);
        builder.Delete(Labels.MetricName);
        builder.Delete(replicaLabel);
        return builder.ToLabels().Hash();
    }
}
