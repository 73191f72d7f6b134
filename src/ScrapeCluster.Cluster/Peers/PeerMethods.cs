namespace ScrapeCluster.Cluster.Peers;

/// <summary>Last part of the path of a call, <c>/peer/v1/METHOD</c>; requests and answers are in <c>Wire/peers.proto</c>.</summary>
public static class PeerMethods
{
    public const string Watch = "watch";

    /// <summary>Whether the process there still answers; nothing is said by it.</summary>
    public const string Pulse = "pulse";
    public const string Prepare = "prepare";
    public const string Acknowledge = "acknowledge";
    public const string HandOver = "hand-over";
    public const string Sent = "sent";
    public const string Scraped = "scraped";
    public const string Bequeath = "bequeath";
    public const string Ring = "ring";
    public const string Known = "known";

    /// <summary>Part of an answer of the HTTP API, asked by the node that merges it; both sides belong to the node's API.</summary>
    public const string Read = "read";

    /// <summary>Stored series with their samples, as a stream; both sides belong to the node's API.</summary>
    public const string Series = "series";
}
