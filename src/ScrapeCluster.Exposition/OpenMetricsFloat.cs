using System.Globalization;

namespace ScrapeCluster.Exposition;

/// <summary>
/// The canonical text of a float in `le` and `quantile`, as Prometheus 3 writes it: the shortest digits that read back to the same double,
/// always with a point or an exponent (<c>1</c> is <c>1.0</c>), in exponent form from 1e+06 on and below 1e-04 (Go's <c>%g</c> with shortest precision).
/// </summary>
public static class OpenMetricsFloat
{
    public const int LongestText = 32;

    private const int FirstLargeExponentForm = 6;
    private const int LastSmallPlainForm = -4;

    /// <summary>Rewrites a label value that is a float; false when it is not one.</summary>
    public static bool TryCanonical(ReadOnlySpan<byte> text, Span<byte> destination, out int length)
    {
        var isFloat = GoFloat.TryParse(text, out var value);
        length = isFloat ? Format(value, destination) : 0;
        return isFloat;
    }

    public static int Format(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
        {
            return Append(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8, destination);
        }

        Span<byte> digits = stackalloc byte[LongestText];
        var count = ShortestDigits(Math.Abs(value), digits, out var exponent);
        var at = value < 0 ? Append("-"u8, destination) : 0;
        return exponent is < LastSmallPlainForm or >= FirstLargeExponentForm
            ? at + WriteExponentForm(digits[..count], exponent, destination[at..])
            : at + WritePlainForm(digits[..count], exponent, destination[at..]);
    }

    /// <summary>The significant digits without leading and trailing zeros, and the decimal exponent of the first one.</summary>
    private static int ShortestDigits(double value, Span<byte> digits, out int exponent)
    {
        Span<byte> text = stackalloc byte[LongestText];
        value.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture);
        text = text[..length];
        var e = text.IndexOf((byte)'E');
        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf((byte)'.');
        exponent = (e < 0 ? 0 : int.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            + (point < 0 ? mantissa.Length : point) - 1;
        var count = 0;
        foreach (var b in mantissa)
        {
            if (b == '.' || (b == '0' && count == 0))
            {
                exponent -= b == '0' ? 1 : 0;
                continue;
            }

            digits[count++] = b;
        }

        var trimmed = digits[..count].TrimEnd((byte)'0').Length;
        if (trimmed > 0)
        {
            return trimmed;
        }

        digits[0] = (byte)'0';
        exponent = 0;
        return 1;
    }

    private static int WriteExponentForm(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        var at = 0;
        destination[at++] = digits[0];
        if (digits.Length > 1)
        {
            destination[at++] = (byte)'.';
            at += Append(digits[1..], destination[at..]);
        }

        destination[at++] = (byte)'e';
        destination[at++] = (byte)(exponent < 0 ? '-' : '+');
        Math.Abs(exponent).TryFormat(destination[at..], out var length, "00", CultureInfo.InvariantCulture);
        return at + length;
    }

    private static int WritePlainForm(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        var at = 0;
        for (var i = Math.Min(exponent, 0); i < Math.Max(digits.Length, exponent + 2); i++)
        {
            if (i == exponent + 1)
            {
                destination[at++] = (byte)'.';
            }

            destination[at++] = i >= 0 && i < digits.Length ? digits[i] : (byte)'0';
        }

        return at;
    }

    private static int Append(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
