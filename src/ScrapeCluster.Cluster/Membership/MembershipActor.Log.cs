using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Cluster.Membership;

public sealed partial class MembershipActor
{
    /// <summary>A clock further off than this is worth a warning.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(5);

    private bool _clockWarned;

    private void WarnOfClock(TimeSpan error)
    {
        var isWrong = error.Duration() > ClockTolerance;
        if (isWrong && !_clockWarned)
        {
            LogClockWrong(error.TotalSeconds);
        }

        _clockWarned = isWrong;
    }

    [LoggerMessage(LogIds.MemberJoined, LogLevel.Information, "Joined cluster {Cluster} as {Node}, incarnation {Incarnation}")]
    private partial void LogJoined(string cluster, string node, long incarnation);

    [LoggerMessage(LogIds.JoinRefused, LogLevel.Error, "This node may not join: {Refusal}. It is asked again until it may")]
    private partial void LogRefused(string refusal);

    [LoggerMessage(LogIds.MemberExpelled, LogLevel.Warning, "Incarnation {Incarnation} of this node was declared down by the cluster: scraping stops, and it joins again as a new one")]
    private partial void LogExpelled(long incarnation);

    [LoggerMessage(LogIds.LeadTaken, LogLevel.Information, "This node leads, epoch {Epoch}")]
    private partial void LogLeads(long epoch);

    [LoggerMessage(LogIds.LeadLost, LogLevel.Information, "This node leads no more, epoch {Epoch} is over")]
    private partial void LogLostLead(long epoch);

    [LoggerMessage(LogIds.LeaderWatches, LogLevel.Debug, "Leader {Leader} watches this node, epoch {Epoch}")]
    private partial void LogWatched(string leader, long epoch);

    [LoggerMessage(LogIds.LeaderDied, LogLevel.Information, "Leader {Leader} (epoch {Epoch}) has ended: its stream broke and its port refuses. Its lease may be taken now")]
    private partial void LogLeaderDied(string leader, long epoch);

    // The usual end of it is an answer; what it means else is said when the leader is declared dead.
    [LoggerMessage(LogIds.LeaderAsked, LogLevel.Debug, "Leader {Leader} (epoch {Epoch}) does not renew its lease and was asked whether it lives; it answered: {HasAnswered}, probes missed in a row: {Missed}")]
    private partial void LogAsked(string leader, long epoch, bool hasAnswered, int missed);

    [LoggerMessage(LogIds.StoreLost, LogLevel.Warning, "The coordination store does not answer; nothing moves and scraping goes on as assigned: {Fault}")]
    private partial void LogStoreLost(string fault);

    [LoggerMessage(LogIds.StoreBack, LogLevel.Information, "The coordination store answers again, after {Seconds:0.0} s")]
    private partial void LogStoreBack(double seconds);

    [LoggerMessage(LogIds.StoreWentBack, LogLevel.Error, "The coordination store went back, as after a restore or a failover that lost commits: assignment version {Version}, {KnownVersion} is known; epoch {Epoch}, {KnownEpoch} is known. What is known is kept until a leader has written above it")]
    private partial void LogWentBack(long version, long knownVersion, long epoch, long knownEpoch);

    [LoggerMessage(LogIds.StoreCaughtUp, LogLevel.Information, "The coordination store is ahead of what this node knew again: assignment version {Version}, epoch {Epoch}")]
    private partial void LogCaughtUp(long version, long epoch);

    [LoggerMessage(LogIds.MemberLeaves, LogLevel.Information, "Leaving the cluster; {Owned} slots are to be handed over")]
    private partial void LogLeaves(int owned);

    [LoggerMessage(LogIds.MemberLeft, LogLevel.Information, "Left the cluster; {Owned} slots were not taken by anybody before")]
    private partial void LogLeft(int owned);

    [LoggerMessage(LogIds.ClusterTimeSet, LogLevel.Information, "Cluster time was set by {Seconds:0.000} s; it is {OffsetSeconds:0.000} s ahead of this machine's clock")]
    private partial void LogClockStep(double seconds, double offsetSeconds);

    [LoggerMessage(LogIds.MachineClockWrong, LogLevel.Warning, "This machine's clock is wrong by {Seconds:0.0} s by the coordination store's. Scrapes are in phase and sample timestamps are right all the same; set the clock, for example with NTP")]
    private partial void LogClockWrong(double seconds);

    [LoggerMessage(LogIds.MemberForgotten, LogLevel.Warning, "The coordination store has forgotten incarnation {Incarnation} of this node: it was restored to an earlier time. The node entered again as {Again} and goes on scraping")]
    private partial void LogForgotten(long incarnation, long again);

    [LoggerMessage(LogIds.StoreRepaired, LogLevel.Warning, "The coordination store was brought up to what the cluster knew: {Rows} rows written under version {Version}, epoch {Epoch}")]
    private partial void LogRepaired(int rows, long version, long epoch);

    [LoggerMessage(LogIds.AssignmentNotKept, LogLevel.Warning, "{File} could not be written: a start while the database is down would use an older assignment, or none: {Fault}")]
    private partial void LogNotKept(string file, string fault);

    [LoggerMessage(LogIds.AssignmentRestored, LogLevel.Warning, "The coordination store does not answer at the start; {Owned} slots are scraped as of {File} ({Peers} peers were asked what changed since)")]
    private partial void LogRestored(string file, int owned, int peers);

    [LoggerMessage(LogIds.AssignmentNotRestored, LogLevel.Warning, "The coordination store does not answer at the start, and {File} does not help: {Fault}. Nothing is scraped until the store is back")]
    private partial void LogNotRestored(string file, string fault);

    [LoggerMessage(LogIds.MemberReleased, LogLevel.Information, "The cluster let incarnation {Incarnation} of this node go while it was leaving")]
    private partial void LogReleased(long incarnation);

    [LoggerMessage(LogIds.TakenOver, LogLevel.Information, "Other nodes scrape what this one had, from {At:O} on: what of it was not sent by then goes only to receivers that take samples out of order")]
    private partial void LogTakenOver(DateTimeOffset at);

    [LoggerMessage(LogIds.AssignmentUnread, LogLevel.Warning, "{File} cannot be read: {Fault}; what this node had when it ran last is judged by the store alone")]
    private partial void LogUnread(string file, string fault);
}
