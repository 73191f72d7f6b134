using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Cluster.Peers;

internal static partial class PeerHandlerLog
{
    [LoggerMessage(
        LogIds.PeerProofRefused,
        LogLevel.Warning,
        "{Caller} called node {Node} over cluster.listen-address without a proof of the cluster's secret: refused ({Refused} such calls since the last of these lines). If it is a node of this cluster, scrapecluster.cluster.secret differs there")]
    public static partial void PeerProofRefused(this ILogger logger, string caller, string node, long refused);

    [LoggerMessage(LogIds.PeerMisdirected, LogLevel.Information, "{Caller} (node {From}) was refused {Method}: {Fault}")]
    public static partial void PeerMisdirected(this ILogger logger, string caller, string from, string method, string fault);

    [LoggerMessage(LogIds.PeerAnswerFailed, LogLevel.Error, "Answer to {Method} of node {From} failed")]
    public static partial void PeerAnswerFailed(this ILogger logger, Exception cause, string method, string from);
}
