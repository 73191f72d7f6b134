using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ScrapeCluster.Model;

/// <summary>Durations as Prometheus writes them: whole numbers of y, w, d, h, m, s, ms in this order, or <c>0</c>; no sign, no fraction.</summary>
public static class PromDuration
{
    private static readonly (string Unit, long Milliseconds, bool OnlyWhenExact)[] Units =
    [
        ("y", 365 * 24 * 3_600_000L, true),
        ("w", 7 * 24 * 3_600_000L, true),
        ("d", 24 * 3_600_000L, false),
        ("h", 3_600_000L, false),
        ("m", 60_000L, false),
        ("s", 1_000L, false),
        ("ms", 1L, false),
    ];

    /// <summary>Prometheus counts nanoseconds in 64 bits: about 292 years.</summary>
    private const long MaxMilliseconds = long.MaxValue / 1_000_000;

    public static bool TryParse(string text, out TimeSpan duration) => TryParse(text, out duration, out _);

    public static bool TryParse(string text, out TimeSpan duration, [NotNullWhen(false)] out string? fault)
    {
        duration = TimeSpan.Zero;
        fault = null;
        if (text == "0")
        {
            return true;
        }

        if (text.Length == 0)
        {
            fault = "empty duration string";
            return false;
        }

        var rest = text.AsSpan();
        UInt128 total = 0;
        foreach (var (unit, milliseconds, _) in Units)
        {
            total += Take(ref rest, unit) * (UInt128)milliseconds;
        }

        if (!rest.IsEmpty)
        {
            fault = $"not a valid duration string: {LabelText.Quote(text)}";
            return false;
        }

        if (total > MaxMilliseconds)
        {
            fault = "duration out of range";
            return false;
        }

        duration = TimeSpan.FromMilliseconds((long)total);
        return true;
    }

    /// <summary>The canonical text; years and weeks appear only when nothing remains below them.</summary>
    public static string Format(TimeSpan duration)
    {
        var rest = duration.Ticks / TimeSpan.TicksPerMillisecond;
        if (rest == 0)
        {
            return "0s";
        }

        var text = new StringBuilder();
        foreach (var (unit, milliseconds, onlyWhenExact) in Units)
        {
            if ((onlyWhenExact && rest % milliseconds != 0) || rest < milliseconds)
            {
                continue;
            }

            text.Append((rest / milliseconds).ToString(CultureInfo.InvariantCulture)).Append(unit);
            rest %= milliseconds;
        }

        return text.ToString();
    }

    /// <summary>Takes a number followed by this unit off the front, or nothing. Numbers beyond 64 bits stay so large that the sum is refused.</summary>
    private static UInt128 Take(ref ReadOnlySpan<char> rest, string unit)
    {
        var digits = 0;
        while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
        {
            digits++;
        }

        var after = rest[digits..];
        var isMinute = unit == "m" && after.StartsWith("ms", StringComparison.Ordinal);
        if (digits == 0 || isMinute || !after.StartsWith(unit, StringComparison.Ordinal))
        {
            return 0;
        }

        var number = ulong.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : ulong.MaxValue;
        rest = after[unit.Length..];
        return number;
    }
}
