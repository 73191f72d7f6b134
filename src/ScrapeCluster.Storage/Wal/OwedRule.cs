namespace ScrapeCluster.Storage.Wal;

/// <summary>Why a segment goes that remote write had still to send.</summary>
internal enum OwedSurplus
{
    TooMuch,
    TooOld,

    /// <summary>Log and chunk files alone are above the retention size.</summary>
    OverRetention,
    DiskFull,
}

/// <summary>A segment that the newest checkpoint stands for: only remote write may still need it.</summary>
/// <param name="WrittenMs">When it was last written to.</param>
internal readonly record struct OldSegment(int Number, long Bytes, long WrittenMs);

/// <param name="Surplus">Null: nobody needs it.</param>
internal readonly record struct OldSegmentVerdict(OldSegment Segment, OwedSurplus? Surplus);

/// <summary>Which of the old segments go: those that nobody needs, then, while a limit is passed, the oldest of those that are owed.</summary>
internal static class OwedRule
{
    /// <param name="old">By number, without a gap.</param>
    /// <param name="newerBytes">Of the segments behind them, which stay whatever the limits say, and count.</param>
    /// <param name="lowest">The lowest place that is owed; null when nothing is.</param>
    /// <param name="isAgeKnown">False while nobody has said what is owed: then nothing goes by age.</param>
    /// <param name="overBytes">So much has to go for another reason (<see cref="OwedSurplus.OverRetention"/>), if it can be had.</param>
    /// <returns>In the order in which to delete them: what is left has no gap at any moment.</returns>
    public static List<OldSegmentVerdict> Surplus(
        IReadOnlyList<OldSegment> old, long newerBytes, WalPosition? lowest, bool isAgeKnown, OwedLimits limits, long nowMs, long overBytes)
    {
        var going = new List<OldSegmentVerdict>();
        var owedBytes = newerBytes + OwedBytes(old, lowest);
        foreach (var segment in old)
        {
            if (!IsOwed(segment, lowest))
            {
                going.Add(new OldSegmentVerdict(segment, null));
            }
            else if (Why(segment) is { } surplus)
            {
                going.Add(new OldSegmentVerdict(segment, surplus));
                owedBytes -= segment.Bytes;
            }
            else
            {
                break;
            }

            overBytes -= segment.Bytes;
        }

        return going;

        OwedSurplus? Why(OldSegment segment)
        {
            return limits.MaxBytes > 0 && owedBytes > limits.MaxBytes ? OwedSurplus.TooMuch
                : overBytes > 0 ? OwedSurplus.OverRetention
                : isAgeKnown && limits.MaxAge > TimeSpan.Zero && nowMs - segment.WrittenMs > limits.MaxAge.TotalMilliseconds ? OwedSurplus.TooOld
                : null;
        }
    }

    public static bool IsOwed(OldSegment segment, WalPosition? lowest) => lowest is { } owed && segment.Number >= owed.Segment;

    /// <summary>Whole segments: the one that is sent in part counts.</summary>
    public static long OwedBytes(IEnumerable<OldSegment> segments, WalPosition? lowest) => segments.Where(segment => IsOwed(segment, lowest)).Sum(segment => segment.Bytes);
}
