using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Shards;

/// <summary><c>scrapectl shard pins|pin|unpin</c>: buckets that somebody wants on a node.</summary>
internal static class PinCommands
{
    public static Command Pins(NodeOptions options)
    {
        var command = new Command("pins", "The buckets that are pinned.");
        command.SetAction(options.Verb(async (client, _, cancellation) =>
        {
            var answer = await client.GetAsync("pins", ClusterApiJson.Default.PinsStatus, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.PinsStatus, pins => client.Printer.Rows(
                pins.Pins, new("JOB", pin => pin.Job), new("BUCKET", pin => Printer.Number(pin.Bucket), IsNumber: true), new("NODE", pin => pin.Node)));
            return ExitCodes.Good;
        }));
        return command;
    }

    public static Command Pin(NodeOptions options)
    {
        var (job, bucket) = Bucket();
        var node = new Argument<string>("node") { Description = "Name of the member." };
        var command = new Command("pin", "Keeps a bucket on a node.") { job, bucket, node };
        command.SetAction(options.Verb((client, parsed, cancellation) =>
            OrderAsync(client, HttpMethod.Put, $"{Query(parsed, job, bucket)}&node={Uri.EscapeDataString(parsed.GetRequiredValue(node))}", cancellation)));
        return command;
    }

    public static Command Unpin(NodeOptions options)
    {
        var (job, bucket) = Bucket();
        var command = new Command("unpin", "Places a bucket by load again.") { job, bucket };
        command.SetAction(options.Verb((client, parsed, cancellation) => OrderAsync(client, HttpMethod.Delete, Query(parsed, job, bucket), cancellation)));
        return command;
    }

    internal static (Argument<string> Job, Argument<int> Bucket) Bucket() =>
        (new Argument<string>("job") { Description = "Name of the job." }, new Argument<int>("bucket") { Description = "Number of the bucket, as shard list shows it." });

    private static string Query(ParseResult parsed, Argument<string> job, Argument<int> bucket)
    {
        return $"pins?{BucketQuery(parsed, job, bucket)}";
    }

    internal static string BucketQuery(ParseResult parsed, Argument<string> job, Argument<int> bucket)
    {
        return $"job={Uri.EscapeDataString(parsed.GetRequiredValue(job))}&bucket={Printer.Number(parsed.GetRequiredValue(bucket))}";
    }

    private static async Task<int> OrderAsync(NodeClient client, HttpMethod method, string path, CancellationToken cancellation)
    {
        var answer = await client.SendAsync(method, path, ClusterApiJson.Default.OrderStatus, null, cancellation);
        client.Printer.Print(answer, ClusterApiJson.Default.OrderStatus, done => client.Printer.Line(done.Text));
        return ExitCodes.Good;
    }
}
