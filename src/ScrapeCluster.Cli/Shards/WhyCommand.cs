using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Shards;

/// <summary><c>scrapectl shard why TARGET</c>: where a target is scraped and why there, or why it is not.</summary>
internal static class WhyCommand
{
    public static Command Create(NodeOptions options)
    {
        var target = new Argument<string>("target") { Description = "URL, host:port, hash, or a selector such as '{job=\"node\"}'." };
        var command = new Command("why", "Where a target is scraped and why there, or why it is not scraped; exit code 3 when no discovery knows it.") { target };
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var path = $"shards/why?target={Uri.EscapeDataString(parsed.GetRequiredValue(target))}";
            var answer = await client.GetAsync(path, ClusterApiJson.Default.TargetFates, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.TargetFates, fates => Write(client.Printer, fates.Targets));
            return ExitCodes.Good;
        }));
        return command;
    }

    private static void Write(Printer printer, IReadOnlyList<TargetFate> fates)
    {
        for (var i = 0; i < fates.Count; i++)
        {
            if (i > 0)
            {
                printer.Line();
            }

            Write(printer, fates[i]);
        }
    }

    private static void Write(Printer printer, TargetFate fate)
    {
        var labels = "{" + string.Join(", ", fate.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}=\"{label.Value}\"")) + "}";
        var pairs = new List<(string, string)>
        {
            ("target", fate.Url.Length > 0 ? fate.Url : labels),
            ("verdict", $"{fate.Verdict}: {fate.Text}"),
            ("job", fate.Job),
            ("labels", labels),
        };
        if (fate.Hash is not null)
        {
            pairs.Add(("hash", fate.Hash));
        }

        if (fate.Bucket is { } bucket)
        {
            pairs.Add(("shard", $"bucket {Printer.Number(bucket)} of {Printer.Number(fate.Buckets ?? 0)}, slot {Printer.Number(fate.Slot ?? 0)}"));
            pairs.Add(("owner", fate.Owner ?? ""));
            pairs.Add(("since", Printer.Time(fate.Since)));
            pairs.Add(("reason", fate.Reason ?? ""));
        }

        if (fate.Health is not null)
        {
            pairs.Add(("health", fate.Health));
            pairs.Add(("last-scrape", Printer.Time(fate.LastScrape)));
            pairs.Add(("next-scrape", Printer.Time(fate.NextScrape)));
            pairs.Add(("last-error", fate.LastError ?? ""));
        }

        printer.Pairs([.. pairs]);
    }
}
