using System.Globalization;
using System.Text;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Api;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Scraping;
using static ScrapeCluster.Node.Page.Html;

namespace ScrapeCluster.Node.Page;

/// <summary>
/// The page at <c>/</c>: one screen that answers "is it healthy, what is scraped, what failed last and why". Failing targets stand first;
/// it works without scripts and fetches nothing from elsewhere. In a cluster it shows the targets of the node that was asked and says so: those of all nodes
/// would cost every one of them, at each refresh of each open page.
/// </summary>
internal static class StatusPage
{
    /// <summary>A page of a hundred thousand rows helps nobody; the API has them all.</summary>
    private const int MaxTargetsPerPool = 500;

    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet("/", async http =>
        {
            http.Response.ContentType = "text/html; charset=utf-8";
            http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            var jobs = await fanout.AskLeaderAsync(Questions.Jobs, new JobsAsked(), http.RequestAborted);
            await http.Response.WriteAsync(Render(node, jobs), http.RequestAborted);
        });
    }

    /// <param name="told">What the leader's manager knows of the jobs.</param>
    private static string Render(NodeContext node, FanoutAnswer<IReadOnlyList<JobSnapshot>> told)
    {
        var targets = node.Board.ActiveTargets();
        var jobs = told.Parts is [var part] ? part.Part : PoolsOf(targets);
        var page = new StringBuilder(PageText.Head);
        ClusterBar.Append(page, node);
        AppendSummary(page, node, targets, jobs);
        AppendBanners(page, node, jobs);
        foreach (var missing in told.Missing)
        {
            AppendBanner(page, $"What is dropped, invalid or fails as a whole is not known here: {missing.Node} does not answer: {missing.Reason}");
        }

        foreach (var job in jobs)
        {
            AppendPool(page, job, [.. targets.Where(target => target.Pool == job.Job)], node.Time.GetUtcNow());
        }

        return page.Append(PageText.Foot).ToString();
    }

    /// <summary>Without a leader: of what runs here.</summary>
    private static IReadOnlyList<JobSnapshot> PoolsOf(IReadOnlyList<TargetSnapshot> targets) =>
        [.. targets.GroupBy(target => target.Pool, StringComparer.Ordinal).Select(pool => new JobSnapshot(pool.Key, [], pool.Count(), [], 0, [], null))];

    private static void AppendSummary(StringBuilder page, NodeContext node, IReadOnlyList<TargetSnapshot> targets, IReadOnlyList<JobSnapshot> jobs)
    {
        var down = targets.Count(target => target.Health == TargetHealth.Down);
        var up = targets.Count(target => target.Health == TargetHealth.Up);
        var head = node.Storage.Query.Stats;
        page.Append(CultureInfo.InvariantCulture, $"<p><b class=\"{(down > 0 ? "down" : "up")}\">{down} targets down</b>, {up} up, {targets.Count - up - down} not scraped yet, in {jobs.Count} pools");
        page.Append(CultureInfo.InvariantCulture, $" &middot; {head.SeriesCount} series &middot; version {Text(BuildInfo.Version)} &middot; up since {Text(Api.ApiTime.Format(node.StartTime))}</p>");
    }

    private static void AppendBanners(StringBuilder page, NodeContext node, IReadOnlyList<JobSnapshot> jobs)
    {
        var config = node.Config.Current;
        if (!node.Readiness.IsReady)
        {
            AppendBanner(page, "Not ready: this node has no place in its cluster yet, or hands over what it scrapes and stops.");
        }

        if (config.LastReloadError is not null)
        {
            AppendBanner(page, $"The last reload failed, the configuration before it is in force: {config.LastReloadError}");
        }

        foreach (var section in config.Config.IgnoredSections)
        {
            AppendBanner(page, $"Section {section.Name} of the configuration has no effect here: {section.Consequence}");
        }

        foreach (var job in jobs.Where(job => job.Failure is not null))
        {
            AppendBanner(page, $"Job {job.Job} is not scraped: {job.Failure}");
        }
    }

    private static void AppendBanner(StringBuilder page, string text) => page.Append("<p class=\"banner\">").Append(Text(text)).Append("</p>");

    private static void AppendPool(StringBuilder page, JobSnapshot job, List<TargetSnapshot> targets, DateTimeOffset now)
    {
        var up = targets.Count(target => target.Health == TargetHealth.Up);
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Text(job.Job)} <small>{up}/{targets.Count} up");
        page.Append(job.DroppedCount > 0 ? string.Create(CultureInfo.InvariantCulture, $", {job.DroppedCount} dropped") : "");
        page.Append(job.InvalidTargets.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $", {job.InvalidTargets.Count} invalid") : "").Append("</small></h2>");
        foreach (var invalid in job.InvalidTargets.Take(20))
        {
            AppendBanner(page, $"Invalid target {AddressMask.Shown(invalid.DiscoveredLabels)}: {invalid.Reason}");
        }

        page.Append(PageText.TableHead);
        foreach (var target in targets.OrderByDescending(target => target.Health == TargetHealth.Down).Take(MaxTargetsPerPool))
        {
            AppendTarget(page, target, now);
        }

        page.Append("</table>");
        if (targets.Count > MaxTargetsPerPool)
        {
            page.Append(CultureInfo.InvariantCulture, $"<p>{targets.Count - MaxTargetsPerPool} more: /api/v1/targets?scrapePool={Text(Uri.EscapeDataString(job.Job))} has all.</p>");
        }
    }

    private static void AppendTarget(StringBuilder page, TargetSnapshot target, DateTimeOffset now)
    {
        var (state, style) = target.Health switch
        {
            TargetHealth.Up => ("UP", "up"),
            TargetHealth.Down => ("DOWN", "down"),
            _ => ("UNKNOWN", "unknown"),
        };
        page.Append(CultureInfo.InvariantCulture, $"<tr class=\"{style}\"><td>{Link(target.ScrapeUrl)}<br>");
        foreach (var (name, value) in target.Labels.ToPairs())
        {
            page.Append("<code>").Append(Text($"{name}=\"{value}\"")).Append("</code> ");
        }

        page.Append(CultureInfo.InvariantCulture, $"<td class=\"{style}\">{state}<td class=\"n\">{(target.LastScrape is { } last ? Ago(now - last) : "never")}");
        page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{target.LastScrapeDuration.TotalMilliseconds:0.0} ms<td class=\"n\">{target.LastSamples}");
        page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{(target.NextScrape is { } next ? In(next - now) : "")}<td>{Text(target.LastError)}");
        page.Append(target.MissedTicks > 0 ? string.Create(CultureInfo.InvariantCulture, $" <b>{target.MissedTicks} scrapes missed</b>") : "").Append("</tr>");
    }

    private static string Ago(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.TotalSeconds):0.0} s ago");

    private static string In(TimeSpan span) => string.Create(CultureInfo.InvariantCulture, $"in {Math.Max(0, span.TotalSeconds):0.0} s");
}
