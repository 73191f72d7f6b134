namespace ScrapeCluster.Cluster.Moves;

/// <param name="Lead">From the commit to the instant T: time for both owners to read the row.</param>
/// <param name="PrepareWithin">A new owner that is not ready by then does not get the slot.</param>
/// <param name="SettleWithin">A committed move that is not over by then is no longer waited for.</param>
/// <param name="PerNode">Moves in flight that one node takes part in.</param>
/// <param name="Total">Moves in flight of the cluster.</param>
public sealed record MoveTerms(TimeSpan Lead, TimeSpan PrepareWithin, TimeSpan SettleWithin, int PerNode, int Total)
{
    public static readonly MoveTerms Default = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15), 64, 256);
}
