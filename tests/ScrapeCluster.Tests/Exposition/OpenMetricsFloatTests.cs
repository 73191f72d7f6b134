using System.Globalization;
using System.Text;
using ScrapeCluster.Exposition;

namespace ScrapeCluster.Tests.Exposition;

public sealed class OpenMetricsFloatTests
{
    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("0", "0.0")]
    [InlineData("-0", "0.0")]
    [InlineData("-1", "-1.0")]
    [InlineData("1.0", "1.0")]
    [InlineData("10", "10.0")]
    [InlineData("0.5", "0.5")]
    [InlineData(".25", "0.25")]
    [InlineData("100000", "100000.0")]
    [InlineData("999999.5", "999999.5")]
    [InlineData("1000000", "1e+06")]
    [InlineData("1234567", "1.234567e+06")]
    [InlineData("1e21", "1e+21")]
    [InlineData("1e100", "1e+100")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("0.00012", "0.00012")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("-2.5e-7", "-2.5e-07")]
    [InlineData("123456", "123456.0")]
    [InlineData("+Inf", "+Inf")]
    [InlineData("inf", "+Inf")]
    [InlineData("-inf", "-Inf")]
    [InlineData("nan", "NaN")]
    public void TryCanonical_Float_IsWrittenAsPrometheus3Does(string text, string expected)
    {
        Assert.Equal(expected, Canonical(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fast")]
    [InlineData("1s")]
    public void TryCanonical_NotAFloat_IsLeft(string text)
    {
        Assert.Null(Canonical(text));
    }

    [Fact]
    public void Format_RandomDoubles_ReadBackAndNeverGrowBeyondTheBuffer()
    {
        var random = new Random(11);
        Span<byte> text = stackalloc byte[OpenMetricsFloat.LongestText];
        for (var i = 0; i < 200_000; i++)
        {
            var value = BitConverter.UInt64BitsToDouble((ulong)random.NextInt64(long.MinValue, long.MaxValue));
            value = double.IsNaN(value) ? random.NextDouble() * 1e7 : value;
            var length = OpenMetricsFloat.Format(value, text);

            Assert.True(double.IsInfinity(value) || double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture) == value);
            Assert.True(double.IsInfinity(value) || text[..length].IndexOfAny(".e"u8) >= 0);
        }
    }

    private static string? Canonical(string text)
    {
        Span<byte> canonical = stackalloc byte[OpenMetricsFloat.LongestText];
        return OpenMetricsFloat.TryCanonical(Encoding.UTF8.GetBytes(text), canonical, out var length) ? Encoding.ASCII.GetString(canonical[..length]) : null;
    }
}
