using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Coordination;

public sealed partial class CoordinatorActor
{
    [LoggerMessage(LogIds.CoordinatorLoaded, LogLevel.Information, "Coordinating under epoch {Epoch}: {Members} members and {Slots} slots at version {Version}")]
    private partial void LogLoaded(long epoch, int members, int slots, long version);

    [LoggerMessage(LogIds.PlacementOpens, LogLevel.Information, "Placement begins with {Up} members up, cluster.min-members is {MinMembers}")]
    private partial void LogPlacementOpens(int up, int minMembers);

    [LoggerMessage(LogIds.CoordinatorStoreSilent, LogLevel.Warning, "Nothing can be decided: {Fault}; asked again every {RetryAfter}")]
    private partial void LogStoreSilent(string fault, TimeSpan retryAfter);

    [LoggerMessage(LogIds.CoordinatorStoreAnswers, LogLevel.Information, "Decisions go on: the store answers again, after {Seconds:0.0} s")]
    private partial void LogStoreAnswers(double seconds);

    [LoggerMessage(LogIds.CommitFenced, LogLevel.Warning, "Epoch {Epoch} is over: another node leads, and nothing is decided here any more")]
    private partial void LogFenced(long epoch);

    [LoggerMessage(LogIds.CommitOvertaken, LogLevel.Information, "The store is at version {Version}, decided was on {Known}: read and decided again")]
    private partial void LogOvertaken(long known, long version);

    [LoggerMessage(LogIds.JobNotEncoded, LogLevel.Error, "The targets of job {Job} cannot be stored, it keeps those it had: {Fault}")]
    private partial void LogNotEncoded(string job, string fault);

    [LoggerMessage(LogIds.MoveNotPrepared, LogLevel.Warning, "Node {Node} is not ready for slots that are to move there: {Fault}; they stay where they are")]
    private partial void LogNotPrepared(string node, string fault);

    [LoggerMessage(LogIds.MovesAbandoned, LogLevel.Information, "{Count} moves are given up before their commit, such as {Slot} to {Node}")]
    private partial void LogAbandoned(int count, SlotKey slot, string node);

    [LoggerMessage(LogIds.JobHeldBack, LogLevel.Warning, "Job {Job} keeps the targets that were stored: not all of its discovery could be read since this node leads")]
    private partial void LogHeldBack(string job);
}
