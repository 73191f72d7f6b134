using System.Globalization;
using ScrapeCluster.Model;

namespace ScrapeCluster.Testing.Storage;

/// <summary>
/// Batches whose number alone decides all that is in them: whoever knows the numbers that were acknowledged knows every sample. Some series are in most
/// batches, others come and go; values are small numbers, any numbers, and staleness markers.
/// </summary>
public static class NumberedBatches
{
    /// <summary>Twelve batches are a range of two hours.</summary>
    public const long StepMs = 10 * 60_000;

    /// <summary>Of batch 0, a border of two hours.</summary>
    public const long StartMs = 1_795_003_200_000;

    private const int Lasting = 8;
    private const int Passing = 8;
    private const int PassingStep = 4;
    private const int PassingBatches = 40;
    private const string NumberLabel = "number";

    public static long TimeMs(long batch) => StartMs + (batch * StepMs);

    /// <summary>False where no batch has that time.</summary>
    public static bool TryNumber(long timeMs, out long batch)
    {
        (batch, var rest) = Math.DivRem(timeMs - StartMs, StepMs);
        return rest == 0 && batch >= 0;
    }

    public static void Fill(SampleBatch target, long batch)
    {
        target.TimestampMs = TimeMs(batch);
        foreach (var (series, bits) in Samples(batch))
        {
            target.AddNew(LabelsOf(series), BitConverter.UInt64BitsToDouble(bits));
        }

        target.ReportedCount = target.Count;
    }

    /// <summary>Never none.</summary>
    public static IEnumerable<(long Series, ulong Bits)> Samples(long batch)
    {
        for (var place = 0; place < Lasting + Passing; place++)
        {
            var series = SeriesAt(place, batch);
            if (place == 0 || IsIn(batch, series))
            {
                yield return (series, BitsOf(batch, series));
            }
        }
    }

    public static int CountOf(long batch) => Samples(batch).Count();

    /// <summary>Null when the batch has no sample of the series.</summary>
    public static ulong? BitsIn(long batch, long series)
    {
        var place = series < Lasting ? series : series - (batch / PassingBatches * PassingStep);
        var isThere = series < Lasting ? series >= 0 : place is >= Lasting and < Lasting + Passing;
        return isThere && (place == 0 || IsIn(batch, series)) ? BitsOf(batch, series) : null;
    }

    public static Labels LabelsOf(long series) => Labels.Of(
        (Labels.MetricName, series < Lasting ? "lasting" : "passing"), ("job", "numbered"), (NumberLabel, series.ToString(CultureInfo.InvariantCulture)));

    public static long SeriesOf(Labels labels) => long.TryParse(labels.Get(NumberLabel), CultureInfo.InvariantCulture, out var series) ? series : -1;

    private static long SeriesAt(int place, long batch) => place < Lasting ? place : place + (batch / PassingBatches * PassingStep);

    private static bool IsIn(long batch, long series) => Mix(batch, series, 1) % 5 > 0;

    private static ulong BitsOf(long batch, long series)
    {
        var mixed = Mix(batch, series, 2);
        return (mixed % 10) switch
        {
            0 => BitConverter.DoubleToUInt64Bits(SpecialValues.StaleNaN),
            1 or 2 or 3 => BitConverter.DoubleToUInt64Bits(mixed * (1.0 / ulong.MaxValue)),
            _ => BitConverter.DoubleToUInt64Bits((mixed >> 32) % 1000),
        };
    }

    /// <summary>SplitMix64's last steps: every bit of the input moves half of the result's.</summary>
    private static ulong Mix(long batch, long series, ulong salt)
    {
        var mixed = ((ulong)batch * 0x9E3779B97F4A7C15) ^ ((ulong)series * 0xC2B2AE3D27D4EB4F) ^ (salt * 0x165667B19E3779F9);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
