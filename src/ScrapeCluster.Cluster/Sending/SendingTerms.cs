namespace ScrapeCluster.Cluster.Sending;

/// <param name="LagLimit">A planned move waits while its old owner is farther behind with sending.</param>
/// <param name="HandOverWithin">From the instant of a move: so long the new owner waits for what the old one has to send, at most.</param>
public sealed record SendingTerms(TimeSpan LagLimit, TimeSpan HandOverWithin)
{
    public static readonly SendingTerms Default = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
}
