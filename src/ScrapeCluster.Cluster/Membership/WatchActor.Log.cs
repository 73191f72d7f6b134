using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Cluster.Membership;

internal sealed partial class WatchActor
{
    // Nodes restart and leave: what it means is judged, and said, below.
    [LoggerMessage(LogIds.StreamBroke, LogLevel.Debug, "The stream to member {Node} (incarnation {Incarnation}) broke: {Fault}; its port refuses: {IsRefused}")]
    private partial void LogBroke(string node, long incarnation, string fault, bool isRefused);

    [LoggerMessage(LogIds.MemberDied, LogLevel.Warning, "Member {Node} (incarnation {Incarnation}) is dead: {Reason}")]
    private partial void LogDied(string node, long incarnation, string reason);

    [LoggerMessage(LogIds.LeaderResigns, LogLevel.Warning, "Epoch {Epoch} is given up: half of the members or more live by the database but cannot be reached from here ({Unreached}). Check the network between the peers' listen addresses")]
    private partial void LogResigns(long epoch, string unreached);
}
