namespace ScrapeCluster.Cluster.Store;

internal static class JoinRefusal
{
    public static string NameTaken(string node, string address) =>
        $"a node named {node} is alive at {address}, with another data directory: give this one another cluster.node-name";
}
