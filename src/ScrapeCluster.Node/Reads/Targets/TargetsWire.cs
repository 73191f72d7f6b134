using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Node.Reads;

/// <summary>Targets and metric families as they travel.</summary>
internal static class TargetsWire
{
    public static TargetsPart Write(IReadOnlyList<TargetState> states) => new() { Targets = { states.Select(Write) } };

    public static IReadOnlyList<TargetState> Read(ByteString body) => [.. TargetsPart.Parser.ParseFrom(body).Targets.Select(Read)];

    public static FamilyMessage Write(FamilyTexts family) => new()
    {
        Name = family.Name,
        Texts = { family.Texts.Select(text => new FamilyTextMessage { Type = (int)text.Type, Help = text.Help, Unit = text.Unit }) },
    };

    public static FamilyTexts Read(FamilyMessage family)
    {
        return new FamilyTexts(family.Name, [.. family.Texts.Select(text => new MetricMetadata(TypeOf(text.Type), text.Help, text.Unit))]);
    }

    private static TargetStateMessage Write(TargetState state)
    {
        var target = state.Target;
        return new TargetStateMessage
        {
            Job = target.Pool,
            Slot = target.Slot,
            Hash = target.Hash,
            Labels = LabelsWire.Write(target.Labels),
            DiscoveredLabels = LabelsWire.Write(target.DiscoveredLabels),
            Url = target.ScrapeUrl,
            IntervalMs = (long)target.Interval.TotalMilliseconds,
            TimeoutMs = (long)target.Timeout.TotalMilliseconds,
            Health = (int)target.Health,
            LastError = target.LastError,
            LastScrape = target.LastScrape?.UtcTicks ?? 0,
            LastDuration = target.LastScrapeDuration.Ticks,
            LastSamples = target.LastSamples,
            NextScrape = target.NextScrape?.UtcTicks ?? 0,
            MissedTicks = target.MissedTicks,
            Families = { state.Families.Select(Write) },
        };
    }

    private static TargetState Read(TargetStateMessage message)
    {
        var target = new TargetSnapshot(
            message.Job, message.Slot, message.Hash, LabelsWire.Read(message.Labels), LabelsWire.Read(message.DiscoveredLabels), message.Url,
            Milliseconds(message.IntervalMs), Milliseconds(message.TimeoutMs), HealthOf(message.Health), message.LastError, TimeOf(message.LastScrape),
            TimeSpan.FromTicks(message.LastDuration), message.LastSamples, TimeOf(message.NextScrape), message.MissedTicks);
        return new TargetState(target, [.. message.Families.Select(Read)]);
    }

    private static TimeSpan Milliseconds(long count) => TimeSpan.FromTicks(Math.Clamp(count, 0, int.MaxValue) * TimeSpan.TicksPerMillisecond);

    private static DateTimeOffset? TimeOf(long ticks)
    {
        return ticks == 0 ? null
            : ticks > 0 && ticks <= DateTimeOffset.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : throw new InvalidDataException("a time is out of range");
    }

    /// <summary>A later version may know more of them.</summary>
    private static TargetHealth HealthOf(int number) => number is >= 0 and <= (int)TargetHealth.Down ? (TargetHealth)number : TargetHealth.Unknown;

    private static MetricType TypeOf(int number) => number is >= 0 and <= (int)MetricType.StateSet ? (MetricType)number : MetricType.Unknown;
}
