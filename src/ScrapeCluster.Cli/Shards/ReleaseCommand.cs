using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Shards;

/// <summary><c>scrapectl shard release</c>: a bucket that killed two owners in a row is given to somebody again.</summary>
internal static class ReleaseCommand
{
    /// <summary>The leader answers when it has committed it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static Command Create(NodeOptions options)
    {
        var (job, bucket) = PinCommands.Bucket();
        var command = new Command("release", "Ends the quarantine of a bucket that killed two owners in a row.") { job, bucket };
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var path = $"shards/release?{PinCommands.BucketQuery(parsed, job, bucket)}";
            var answer = await client.SendAsync(HttpMethod.Post, path, ClusterApiJson.Default.ReleaseStatus, Patience, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.ReleaseStatus, released => client.Printer.Line(released.Text));
            return ExitCodes.Good;
        }));
        return command;
    }
}
