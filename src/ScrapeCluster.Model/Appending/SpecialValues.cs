namespace ScrapeCluster.Model;

/// <summary>The NaN bit patterns of Prometheus (model/value/value.go). Compare bits: arithmetic may change a NaN's payload.</summary>
public static class SpecialValues
{
    public const ulong StaleNaNBits = 0x7ff0000000000002;
    public const ulong NormalNaNBits = 0x7ff8000000000001;

    public static readonly double StaleNaN = BitConverter.UInt64BitsToDouble(StaleNaNBits);
    public static readonly double NormalNaN = BitConverter.UInt64BitsToDouble(NormalNaNBits);

    public static bool IsStaleNaN(double value) => BitConverter.DoubleToUInt64Bits(value) == StaleNaNBits;
}
