namespace ScrapeCluster.Cluster.Store.Postgres;

internal static class MemberStates
{
    public static string Write(MemberState state) => state switch
    {
        MemberState.Joining => "joining",
        MemberState.Up => "up",
        MemberState.Leaving => "leaving",
        _ => "down",
    };

    public static MemberState Parse(string text) => text switch
    {
        "joining" => MemberState.Joining,
        "up" => MemberState.Up,
        "leaving" => MemberState.Leaving,
        _ => MemberState.Down,
    };
}
