using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace ScrapeCluster.Exposition;

/// <summary>
/// Floats as Go's strconv.ParseFloat reads them, less hexadecimal ones and underscores (Prometheus refuses both):
/// optional sign, digits with an optional point, optional exponent; inf and infinity with an optional sign, nan without one, in any case.
/// A number beyond the range of a double is refused; NaN has Prometheus's canonical bits.
/// </summary>
internal static class GoFloat
{
    private const ulong LargestExactMantissa = 1UL << 53;
    private const int LargestExactPower = 22;
    private const int MostFastDigits = 19;

    private static ReadOnlySpan<double> PowersOfTen =>
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>The whole token as a float.</summary>
    public static bool TryParse(ReadOnlySpan<byte> token, out double value)
    {
        var consumed = ReadPlain(token, out value);
        return (consumed > 0 && consumed == token.Length) || TryParseAny(token, out value);
    }

    /// <summary>
    /// Reads a decimal at the start of the text and returns its length; 0 when it is none, or none that is exact this way: mantissa and power of ten
    /// are both doubles without rounding, so that one rounding operation gives the nearest double (Clinger, "How to read floating point numbers accurately", 1990).
    /// </summary>
    public static int ReadPlain(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        var at = 0;
        var negative = false;
        if (text.Length > 0 && (text[0] == '-' || text[0] == '+'))
        {
            negative = text[0] == '-';
            at = 1;
        }

        ulong mantissa = 0;
        var digits = ReadDigits(text, ref at, ref mantissa);
        var power = 0;
        if (at < text.Length && text[at] == '.')
        {
            at++;
            var decimals = ReadDigits(text, ref at, ref mantissa);
            digits += decimals;
            power = -decimals;
        }

        if (digits is 0 or > MostFastDigits || mantissa > LargestExactMantissa)
        {
            return 0;
        }

        if (at < text.Length && (text[at] | 0x20) == 'e')
        {
            var length = ReadExponent(text[at..], out var exponent);
            if (length == 0)
            {
                return 0;
            }

            at += length;
            power += exponent;
        }

        if (power is < -LargestExactPower or > LargestExactPower)
        {
            return 0;
        }

        value = power < 0 ? mantissa / PowersOfTen[-power] : mantissa * PowersOfTen[power];
        value = negative ? -value : value;
        return at;
    }

    /// <summary>Puts the digits behind those that the mantissa has, and returns their number; too many of them overflow it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ReadDigits(ReadOnlySpan<byte> text, ref int at, ref ulong mantissa)
    {
        var first = at;
        uint digit;
        while (at < text.Length && (digit = (uint)text[at] - '0') <= 9)
        {
            mantissa = (mantissa * 10) + digit;
            at++;
        }

        return at - first;
    }

    private static int ReadExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        var at = 1;
        var negative = false;
        if (at < text.Length && (text[at] == '-' || text[at] == '+'))
        {
            negative = text[at] == '-';
            at++;
        }

        var first = at;
        uint digit;
        while (at < text.Length && (digit = (uint)text[at] - '0') <= 9)
        {
            exponent = Math.Min((exponent * 10) + (int)digit, 100_000);
            at++;
        }

        exponent = negative ? -exponent : exponent;
        return at == first ? 0 : at;
    }

    private static bool TryParseAny(ReadOnlySpan<byte> token, out double value)
    {
        if (IsDecimal(token))
        {
            return double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
        }

        return TryParseSpecial(token, out value);
    }

    private static bool IsDecimal(ReadOnlySpan<byte> token)
    {
        var at = token.Length > 0 && (token[0] == '-' || token[0] == '+') ? 1 : 0;
        var digits = 0;
        var points = 0;
        for (; at < token.Length && (char.IsAsciiDigit((char)token[at]) || token[at] == '.'); at++)
        {
            _ = token[at] == '.' ? points++ : digits++;
        }

        if (digits == 0 || points > 1)
        {
            return false;
        }

        return at == token.Length || ((token[at] | 0x20) == 'e' && at + ReadExponent(token[at..], out _) == token.Length);
    }

    private static bool TryParseSpecial(ReadOnlySpan<byte> token, out double value)
    {
        value = Model.SpecialValues.NormalNaN;
        if (Ascii.EqualsIgnoreCase(token, "nan"u8))
        {
            return true;
        }

        var negative = token.Length > 0 && token[0] == '-';
        var word = token.Length > 0 && token[0] is (byte)'-' or (byte)'+' ? token[1..] : token;
        value = negative ? double.NegativeInfinity : double.PositiveInfinity;
        return Ascii.EqualsIgnoreCase(word, "inf"u8) || Ascii.EqualsIgnoreCase(word, "infinity"u8);
    }
}
