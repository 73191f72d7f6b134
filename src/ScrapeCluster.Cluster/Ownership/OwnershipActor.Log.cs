using Microsoft.Extensions.Logging;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

public sealed partial class OwnershipActor
{
    [LoggerMessage(LogIds.TargetSetDamaged, LogLevel.Error, "Target set {Bucket} of version {Version} cannot be used: {Fault}; the one before is scraped on")]
    private partial void LogDamaged(BucketKey bucket, long version, string fault);

    [LoggerMessage(LogIds.TargetSetsUnread, LogLevel.Warning, "{Count} target sets could not be read: {Fault}; what is here is scraped on")]
    private partial void LogUnread(int count, string fault);

    [LoggerMessage(LogIds.PrepareRefused, LogLevel.Warning, "Refused to prepare under epoch {Epoch}, since {Highest} is known: {Slots} slots")]
    private partial void LogPrepareRefused(long epoch, long highest, int slots);

    [LoggerMessage(LogIds.Doubled, LogLevel.Warning, "Slot {Slot} {Detail}; some of its targets may be scraped twice until then")]
    private partial void LogDoubled(string slot, string detail);

    [LoggerMessage(LogIds.OwnershipEnded, LogLevel.Warning, "This node's membership is over: {Slots} slots are scraped here no more")]
    private partial void LogExpelled(int slots);

    [LoggerMessage(LogIds.OwnershipRestarted, LogLevel.Error, "The ownership of slots failed and starts anew from the rows; what runs is scraped on")]
    private partial void LogRestarted(Exception reason);
}
