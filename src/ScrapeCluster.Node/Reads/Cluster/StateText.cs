using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Node.Reads;

/// <summary>States as the API names them.</summary>
internal static class StateText
{
    public static string Of(MemberState state) => state switch
    {
        MemberState.Joining => "joining",
        MemberState.Up => "up",
        MemberState.Leaving => "leaving",
        _ => "down",
    };
}
