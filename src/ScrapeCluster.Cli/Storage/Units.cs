using System.Globalization;
using ScrapeCluster.Cli.Output;

namespace ScrapeCluster.Cli.Storage;

/// <summary>Times and sizes as scripts want them, or as people do.</summary>
internal readonly record struct Units(bool AreForPeople)
{
    private static readonly string[] _sizes = ["B", "KiB", "MiB", "GiB", "TiB"];

    public string Time(long timeMs)
    {
        var isDate = AreForPeople && timeMs >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && timeMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        return isDate ? Printer.Time(DateTimeOffset.FromUnixTimeMilliseconds(timeMs)) : Printer.Number(timeMs);
    }

    public string Bytes(long bytes)
    {
        if (!AreForPeople)
        {
            return Printer.Number(bytes);
        }

        var size = (double)bytes;
        var unit = 0;
        while (size >= 1024 && unit < _sizes.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        return size.ToString("0.#", CultureInfo.InvariantCulture) + _sizes[unit];
    }

    /// <summary>As Go writes durations, and so promtool: <c>2h0m0s</c>, <c>6.587s</c>, <c>3ms</c>.</summary>
    public static string Duration(long milliseconds)
    {
        if (milliseconds is 0 or long.MinValue)
        {
            return "0s";
        }

        var sign = milliseconds < 0 ? "-" : "";
        var rest = Math.Abs(milliseconds);
        if (rest < 1000)
        {
            return $"{sign}{Printer.Number(rest)}ms";
        }

        var seconds = (rest % 60_000 / 1000m).ToString("0.###", CultureInfo.InvariantCulture);
        var (hours, minutes) = (rest / 3_600_000, rest / 60_000 % 60);
        return hours > 0 ? $"{sign}{Printer.Number(hours)}h{Printer.Number(minutes)}m{seconds}s"
            : minutes > 0 ? $"{sign}{Printer.Number(minutes)}m{seconds}s"
            : $"{sign}{seconds}s";
    }
}
