using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// Scrapes a page to nowhere, in either text format, before the first scrape that counts: compiling fetch and parser just in time costs a small machine
/// half a second, more than a short scrape time-out allows.
/// </summary>
public static class ScrapeRehearsal
{
    // Whoever is slower than this has other troubles than a cold start.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    // Enough for the lines that are known already, which are read another way than new ones.
    private const int RoundsPerFormat = 3;

    /// <summary>Never fails: a page that cannot be had leaves things as cold as they are.</summary>
    /// <param name="address"><c>host:port</c> of a page at <c>/metrics</c>.</param>
    public static Task RunAsync(string address, CancellationToken shutdown) => RunAsync(address, Deadline, shutdown);

    /// <param name="deadline">Of each scrape.</param>
    internal static async Task RunAsync(string address, TimeSpan deadline, CancellationToken shutdown)
    {
        foreach (var format in (ScrapeProtocol[])[ScrapeProtocol.PrometheusText004, ScrapeProtocol.OpenMetricsText100])
        {
            await ScrapeAsync(address, deadline, new ScrapeConfig { JobName = "rehearsal", ScrapeProtocols = [format] }, shutdown);
        }
    }

    private static async Task ScrapeAsync(string address, TimeSpan deadline, ScrapeConfig config, CancellationToken shutdown)
    {
        var bodies = new BodyBufferPool();
        var factory = new TargetFetcherFactory("ScrapeCluster", hardBodyLimitBytes: 16 << 20, bodies);
        if (!factory.TryCreate(config, out var fetchers, out _) || !SampleRules.TryCompile(config, out var rules, out _))
        {
            return;
        }

        using (fetchers)
        {
            var target = TargetOf(address, deadline, config);
            var fetcher = fetchers.For(target);
            var appender = new ScrapeAppender(rules, target.Labels, hashSeed: 0, new FamilyInterner(), new SharedTexts());
            for (var round = 1; round <= RoundsPerFormat; round++)
            {
                var page = await fetcher.FetchAsync(expectedBytes: 0, shutdown);
                if (page.Buffer is not { } buffer)
                {
                    return;
                }

                var batch = new SampleBatch { Round = round };
                appender.Append(new ScrapedPage(buffer.AsSpan(0, page.Length), page.ContentType, deadline), batch, round, DateTimeOffset.UnixEpoch, () => TimeSpan.Zero);
                appender.Settle(AcceptAll(batch), null, round);
                appender.EndRound(out _);
                bodies.Return(buffer);
            }
        }
    }

    private static ScrapeTarget TargetOf(string address, TimeSpan deadline, ScrapeConfig config)
    {
        var labels = Labels.Of(("instance", address), ("job", config.JobName));
        return new ScrapeTarget
        {
            Labels = labels,
            AllLabels = labels,
            DiscoveredLabels = labels,
            Url = $"http://{address}/metrics",
            Interval = deadline,
            Timeout = deadline,
            Hash = 0,
        };
    }

    private static AppendResult AcceptAll(SampleBatch batch)
    {
        return AppendResult.Stored(batch.Round) with { NewRefs = [.. batch.NewSeries.Select(static series => (ulong)series.Index + 1)] };
    }
}
