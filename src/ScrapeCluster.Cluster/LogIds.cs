namespace ScrapeCluster.Cluster;

/// <summary>Event ids of this project: 8000 to 8999; membership 8000-8049, coordinator 8050-8099, ownership 8100-8149, peers 8150-8199.</summary>
internal static partial class LogIds
{
    public const int PeerProofRefused = 8150;
    public const int PeerMisdirected = 8151;
    public const int PeerAnswerFailed = 8152;
}
