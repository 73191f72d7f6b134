using System.Globalization;

namespace ScrapeCluster.Node.Api;

/// <summary>Times of the HTTP API: Unix seconds with a fraction, or RFC 3339.</summary>
internal static class ApiTime
{
    /// <summary>Prometheus's smallest and largest times, which it prints as below and clients send back.</summary>
    private const string MinText = "-292273086-05-16T16:47:06Z";
    private const string MaxText = "+292277025-08-18T07:12:54.999999999Z";

    public const long MinMs = long.MinValue / 1_000_000 * 1000;
    public const long MaxMs = long.MaxValue / 1_000_000 * 1000;

    public static bool TryParse(string text, out long timestampMs)
    {
        timestampMs = 0;
        if (text is MinText or MaxText)
        {
            timestampMs = text == MinText ? MinMs : MaxMs;
            return true;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            if (double.IsNaN(seconds))
            {
                return false;
            }

            timestampMs = (long)Math.Clamp(Math.Round(seconds * 1000), MinMs, MaxMs);
            return true;
        }

        if (text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            timestampMs = time.ToUnixTimeMilliseconds();
            return true;
        }

        return false;
    }

    /// <summary>RFC 3339 with as many digits as needed; Go's zero time for "never".</summary>
    public static string Format(DateTimeOffset? time)
    {
        return time is null ? "0001-01-01T00:00:00Z" : time.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
    }
}
