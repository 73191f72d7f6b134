using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Reads;

/// <summary>The newest sample of one series that one node has, staleness markers included.</summary>
/// <param name="SpacingMs">From the sample before to this one; 0: there is none within the lookback.</param>
internal readonly record struct NewestSample(Labels Labels, long TimestampMs, double Value, long SpacingMs)
{
    public bool IsMarker => SpecialValues.IsStaleNaN(Value);

    /// <summary>
    /// Which of two nodes' samples of one series counts. At one timestamp a marker does, since a series that lives has its next sample soon, and one
    /// that ended has no second marker; of two values the one with the larger bits, so that the order of the nodes does not matter.
    /// </summary>
    public bool IsNewerThan(NewestSample other)
    {
        if (TimestampMs != other.TimestampMs)
        {
            return TimestampMs > other.TimestampMs;
        }

        return IsMarker != other.IsMarker ? IsMarker : BitConverter.DoubleToUInt64Bits(Value) > BitConverter.DoubleToUInt64Bits(other.Value);
    }
}
