using System.Globalization;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// Sizes in bytes. HOCON ("Size in bytes format"): <c>512</c>, <c>64K</c> and <c>64KiB</c> are powers of two, <c>64kB</c> and <c>64kilobytes</c>
/// powers of ten. Prometheus's flags differ (<c>512MB</c> is a power of two there, and a unit must be given): <see cref="TryParseFlag"/>.
/// </summary>
public static class SizeText
{
    public const string Form = "a size such as 512MiB, 10GB or a number of bytes";

    public const string FlagForm = "a size with one of the units B, KB, MB, GB, TB, PB, EB (powers of 1024), e.g. 512MB, or 0";

    public static bool TryParse(ReadOnlySpan<char> text, out long bytes) => TryParse(text, FactorOf, out bytes);

    public static bool TryParseFlag(ReadOnlySpan<char> text, out long bytes) => TryParse(text, FlagFactorOf, out bytes);

    private static bool TryParse(ReadOnlySpan<char> text, Func<string, decimal> factorOf, out long bytes)
    {
        bytes = 0;
        text = text.Trim();
        var end = text.IndexOfAnyExcept("0123456789.");
        var digits = end < 0 ? text : text[..end];
        if (!decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = text[digits.Length..].Trim().ToString();
        var factor = unit.Length == 0 && number == 0 ? 1 : factorOf(unit);
        if (factor == 0 || number > long.MaxValue / factor)
        {
            return false;
        }

        bytes = (long)(number * factor);
        return true;
    }

    private static decimal FactorOf(string unit) => unit switch
    {
        "" or "B" or "b" or "byte" or "bytes" => 1,
        "K" or "k" or "Ki" or "KiB" or "kibibyte" or "kibibytes" => 1L << 10,
        "M" or "m" or "Mi" or "MiB" or "mebibyte" or "mebibytes" => 1L << 20,
        "G" or "g" or "Gi" or "GiB" or "gibibyte" or "gibibytes" => 1L << 30,
        "T" or "t" or "Ti" or "TiB" or "tebibyte" or "tebibytes" => 1L << 40,
        "P" or "p" or "Pi" or "PiB" or "pebibyte" or "pebibytes" => 1L << 50,
        "E" or "e" or "Ei" or "EiB" or "exbibyte" or "exbibytes" => 1L << 60,
        "kB" or "kilobyte" or "kilobytes" => 1e3m,
        "MB" or "megabyte" or "megabytes" => 1e6m,
        "GB" or "gigabyte" or "gigabytes" => 1e9m,
        "TB" or "terabyte" or "terabytes" => 1e12m,
        "PB" or "petabyte" or "petabytes" => 1e15m,
        "EB" or "exabyte" or "exabytes" => 1e18m,
        _ => 0,
    };

    private static decimal FlagFactorOf(string unit) => unit switch
    {
        "B" => 1,
        "KB" or "KiB" => 1L << 10,
        "MB" or "MiB" => 1L << 20,
        "GB" or "GiB" => 1L << 30,
        "TB" or "TiB" => 1L << 40,
        "PB" or "PiB" => 1L << 50,
        "EB" or "EiB" => 1L << 60,
        _ => 0,
    };
}
