namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>The cluster that a test wants.</summary>
internal sealed record ClusterShape
{
    public IReadOnlyList<string> Nodes { get; init; } = ["n1", "n2", "n3", "n4", "n5"];

    public int Replicas { get; init; } = 1;

    public int Targets { get; init; } = 200;

    /// <summary>The nodes reach the database through a <see cref="Testing.Faults.FaultyLink"/>.</summary>
    public bool HasFaultyDatabase { get; init; }

    /// <summary>Its data lies in a file system of its own, which can be filled.</summary>
    public string NodeWithSmallDisk { get; init; } = "";

    /// <summary>Lines of the settings of all nodes beside those of every cluster.</summary>
    public string MoreSettings { get; init; } = "";

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);
}
