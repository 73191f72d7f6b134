using System.Globalization;
using System.Text;
using ScrapeCluster.Exposition;

namespace ScrapeCluster.Tests.Exposition;

public sealed class GoFloatTests
{
    [Theory]
    [InlineData("0", 0d)]
    [InlineData("-0", -0d)]
    [InlineData("+1", 1d)]
    [InlineData("1.", 1d)]
    [InlineData(".5", 0.5)]
    [InlineData("1e5", 1e5)]
    [InlineData("1E+05", 1e5)]
    [InlineData("-1.5e-3", -0.0015)]
    [InlineData("007", 7d)]
    [InlineData("9007199254740993", 9007199254740992d)]
    [InlineData("1e-999", 0d)]
    [InlineData("0e99999999999", 0d)]
    [InlineData("4.9406564584124654e-324", double.Epsilon)]
    [InlineData("1.7976931348623157e308", double.MaxValue)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("+Inf", double.PositiveInfinity)]
    [InlineData("-INFINITY", double.NegativeInfinity)]
    public void TryParse_GoSyntax_GivesTheNearestDouble(string text, double expected)
    {
        Assert.True(GoFloat.TryParse(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(BitConverter.DoubleToUInt64Bits(expected), BitConverter.DoubleToUInt64Bits(value));
    }

    [Theory]
    [InlineData("nan")]
    [InlineData("NaN")]
    [InlineData("NAN")]
    public void TryParse_NaN_HasPrometheusBits(string text)
    {
        Assert.True(GoFloat.TryParse(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(0x7ff8000000000001UL, BitConverter.DoubleToUInt64Bits(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("e5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1.2.3")]
    [InlineData("+nan")]
    [InlineData("-NaN")]
    [InlineData("infi")]
    [InlineData("infinit")]
    [InlineData("0x1")]
    [InlineData("0x1p-3")]
    [InlineData("1_000")]
    [InlineData("1,000")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1f")]
    [InlineData("(1)")]
    [InlineData("$1")]
    [InlineData("1e309")]
    [InlineData("-1e999")]
    [InlineData("١")]
    public void TryParse_AnythingElse_IsRefused(string text)
    {
        Assert.False(GoFloat.TryParse(Encoding.UTF8.GetBytes(text), out _));
    }

    [Fact]
    public void TryParse_RandomDecimals_AgreeBitForBitWithTheLibrary()
    {
        var random = new Random(20261122);
        for (var i = 0; i < 300_000; i++)
        {
            var text = RandomDecimal(random);
            var expected = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            var accepted = GoFloat.TryParse(Encoding.UTF8.GetBytes(text), out var value);

            Assert.True(accepted == double.IsFinite(expected), text);
            Assert.True(!accepted || BitConverter.DoubleToUInt64Bits(expected) == BitConverter.DoubleToUInt64Bits(value), text);
        }
    }

    [Fact]
    public void TryParse_EveryBitPattern_ReadsBackFromItsShortestText()
    {
        var random = new Random(7);
        for (var i = 0; i < 300_000; i++)
        {
            var expected = BitConverter.UInt64BitsToDouble((ulong)random.NextInt64(long.MinValue, long.MaxValue));
            if (double.IsFinite(expected))
            {
                var text = expected.ToString("R", CultureInfo.InvariantCulture);
                Assert.True(GoFloat.TryParse(Encoding.UTF8.GetBytes(text), out var value), text);
                Assert.True(BitConverter.DoubleToUInt64Bits(expected) == BitConverter.DoubleToUInt64Bits(value), text);
            }
        }
    }

    private static string RandomDecimal(Random random)
    {
        var text = new StringBuilder(random.Next(4) switch { 0 => "-", 1 => "+", _ => "" });
        Digits(text, random, random.Next(1, random.Next(4) == 0 ? 25 : 12));
        if (random.Next(2) == 0)
        {
            text.Append('.');
            Digits(text, random, random.Next(0, 20));
        }

        if (random.Next(3) == 0)
        {
            text.Append(random.Next(2) == 0 ? 'e' : 'E').Append(random.Next(3) switch { 0 => "-", 1 => "+", _ => "" });
            text.Append(random.Next(random.Next(4) == 0 ? 400 : 30));
        }

        return text.ToString();
    }

    private static void Digits(StringBuilder text, Random random, int count)
    {
        for (var i = 0; i < count; i++)
        {
            text.Append(random.Next(5) == 0 ? '0' : (char)('0' + random.Next(10)));
        }
    }
}
