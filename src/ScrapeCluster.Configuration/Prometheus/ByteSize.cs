using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ScrapeCluster.Configuration;

/// <summary>
/// Sizes as Prometheus writes them: numbers with a unit, which is mandatory (<c>15MB</c>, <c>1.5GiB</c>, <c>1MB512KB</c>).
/// All units are powers of 1024, with and without the <c>i</c>; <c>0</c> needs none.
/// </summary>
public static class ByteSize
{
    private const string Prefixes = "KMGTPE";

    public static bool TryParse(string text, out long bytes, [NotNullWhen(false)] out string? fault)
    {
        (bytes, fault) = (0, null);
        var rest = text.AsSpan();
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..])
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        var sum = 0d;
        fault = rest.IsEmpty ? $"units: invalid {text}" : null;
        while (fault is null && !rest.IsEmpty)
        {
            sum += TakePart(ref rest, text, out fault);
        }

        if (fault is null && sum >= long.MaxValue)
        {
            fault = $"units: {text} is too large";
        }

        bytes = fault is null ? (long)(negative ? -sum : sum) : 0;
        return fault is null;
    }

    /// <summary>The exact form in the largest unit that divides it.</summary>
    public static string Format(long bytes)
    {
        var prefix = 0;
        while (bytes != 0 && bytes % 1024 == 0 && prefix < Prefixes.Length)
        {
            bytes /= 1024;
            prefix++;
        }

        var unit = prefix == 0 ? "B" : $"{Prefixes[prefix - 1]}iB";
        return bytes.ToString(CultureInfo.InvariantCulture) + unit;
    }

    private static double TakePart(ref ReadOnlySpan<char> rest, string text, out string? fault)
    {
        var digits = rest.IndexOfAnyExcept("0123456789.");
        digits = digits < 0 ? rest.Length : digits;
        if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            fault = $"units: invalid {text}";
            return 0;
        }

        rest = rest[digits..];
        var letters = rest.IndexOfAny("0123456789.");
        letters = letters < 0 ? rest.Length : letters;
        var unit = rest[..letters];
        rest = rest[letters..];
        fault = TryGetUnit(unit, out var scale) ? null : $"units: unknown unit {unit} in {text}";
        return number * scale;
    }

    private static bool TryGetUnit(ReadOnlySpan<char> unit, out double scale)
    {
        var prefix = unit.IsEmpty ? -1 : Prefixes.IndexOf(unit[0], StringComparison.Ordinal);
        scale = Math.Pow(1024, prefix + 1);
        return prefix < 0 ? unit is "B" : unit[1..] is "B" or "iB";
    }
}
