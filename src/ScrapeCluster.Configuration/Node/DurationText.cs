using System.Globalization;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// Durations of HOCON ("Duration format", "Period format": <c>500 milliseconds</c>, <c>15d</c>; a bare number is milliseconds)
/// and of Prometheus (<c>1d12h</c>, <c>1y</c>): the union, since no text means something different in the two.
/// </summary>
public static class DurationText
{
    public const string Form = "a duration such as 500ms, 30s, 5m, 2h, 15d, 2w, 1y or 1h30m (a bare number is milliseconds)";

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.Trim();
        var negative = rest.StartsWith('-');
        if (negative || rest.StartsWith('+'))
        {
            rest = rest[1..];
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        // Decimal, not double: 0.1s is exactly 1,000,000 ticks.
        decimal ticks = 0;
        for (var first = true; !rest.IsEmpty; first = false)
        {
            if (!TryTakeTerm(ref rest, first, out var term))
            {
                return false;
            }

            ticks += term;
            if (ticks > long.MaxValue)
            {
                return false;
            }
        }

        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>The shortest text in Prometheus's style, e.g. <c>15d</c>, <c>1h30m</c>, <c>2ms</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new System.Text.StringBuilder();
        var rest = duration.Ticks;
        if (rest < 0)
        {
            text.Append('-');
            rest = -rest;
        }

        foreach (var (unit, ticks) in DisplayUnits)
        {
            var count = rest / ticks;
            if (count != 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
                rest -= count * ticks;
            }
        }

        return text.ToString();
    }

    private static bool TryTakeTerm(ref ReadOnlySpan<char> rest, bool first, out decimal ticks)
    {
        ticks = 0;
        var end = rest.IndexOfAnyExcept("0123456789.");
        var digits = end < 0 ? rest : rest[..end];
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        rest = rest[digits.Length..].TrimStart();
        var unitEnd = rest.IndexOfAnyExceptInRange('a', 'z');
        var unit = unitEnd < 0 ? rest : rest[..unitEnd];
        rest = rest[unit.Length..].TrimStart();
        var unitTicks = TicksOf(unit);
        if (unitTicks == 0 || (unit.IsEmpty && !(first && rest.IsEmpty)) || number > long.MaxValue / unitTicks)
        {
            return false;
        }

        ticks = number * unitTicks;
        return true;
    }

    private static decimal TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => 0.01m,
        "us" or "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.TicksPerMicrosecond,
        "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
        "s" or "second" or "seconds" => TimeSpan.TicksPerSecond,
        "m" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
        "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
        "d" or "day" or "days" => TimeSpan.TicksPerDay,
        "w" or "week" or "weeks" => 7 * TimeSpan.TicksPerDay,
        "y" or "year" or "years" => 365 * TimeSpan.TicksPerDay,
        _ => 0,
    };

    private static readonly (string Unit, long Ticks)[] DisplayUnits =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("us", TimeSpan.TicksPerMicrosecond),
    ];
}
