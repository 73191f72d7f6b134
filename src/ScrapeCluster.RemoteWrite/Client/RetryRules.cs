using System.Net;
using System.Net.Http.Headers;

namespace ScrapeCluster.RemoteWrite.Client;

/// <summary>Which answers are tried again, and when (behaviour: Prometheus storage/remote/client.go and queue_manager.go).</summary>
internal static class RetryRules
{
    public static StoreResult Classify(HttpStatusCode status, bool retryTooManyRequests) => (int)status switch
    {
        >= 200 and < 300 => StoreResult.Stored,
        >= 500 => StoreResult.Recoverable,
        429 when retryTooManyRequests => StoreResult.Recoverable,
        _ => StoreResult.Refused,
    };

    /// <summary>Seconds or a date; null when absent, not understood or past.</summary>
    public static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var wait = header switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => TimeSpan.Zero,
        };
        return wait > TimeSpan.Zero ? wait : null;
    }

    /// <summary>The wait after the one that has just passed.</summary>
    public static TimeSpan NextBackoff(TimeSpan waited, TimeSpan min, TimeSpan max)
    {
        var doubled = waited * 2;
        return doubled < min ? min : doubled > max ? max : doubled;
    }
}
