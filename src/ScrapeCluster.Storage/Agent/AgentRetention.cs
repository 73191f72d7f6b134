namespace ScrapeCluster.Storage.Agent;

/// <summary>From which time on an agent keeps samples and the series that have some (Prometheus tsdb/agent/db.go, run).</summary>
internal static class AgentRetention
{
    /// <param name="sentMs">All older samples were sent; 0 where that is not known.</param>
    public static long MinMs(long nowMs, long sentMs, AgentOptions options)
    {
        var sent = Math.Max(0, sentMs - (long)options.MinTime.TotalMilliseconds);
        return Math.Max(sent, nowMs - (long)options.LongestTime.TotalMilliseconds);
    }
}
