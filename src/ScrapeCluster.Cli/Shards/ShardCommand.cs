using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Shards;

/// <summary><c>scrapectl shard ...</c>: who scrapes what, why, and what would move.</summary>
internal static class ShardCommand
{
    public static Command Create()
    {
        var options = new NodeOptions();
        var command = new Command("shard", "The slices of the jobs: who scrapes them and why, and moving them.")
        {
            List(options),
            WhyCommand.Create(options),
            PlanCommands.Plan(options),
            PlanCommands.Rebalance(options),
            PinCommands.Pins(options),
            PinCommands.Pin(options),
            PinCommands.Unpin(options),
            ReleaseCommand.Create(options),
        };
        options.AddTo(command);
        return command;
    }

    private static Command List(NodeOptions options)
    {
        var job = new Option<string>("--job") { Description = "Of this job only." };
        var command = new Command("list", "Every slot of every bucket in a line.") { job };
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var path = parsed.GetValue(job) is { } name ? $"shards?job={Uri.EscapeDataString(name)}" : "shards";
            var answer = await client.GetAsync(path, ClusterApiJson.Default.ShardsStatus, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.ShardsStatus, status => Write(client.Printer, status.Shards));
            return ExitCodes.Good;
        }));
        return command;
    }

    private static void Write(Printer printer, IReadOnlyList<SlotStatus> shards) => printer.Rows(
        shards,
        new("JOB", shard => shard.Job),
        new("BUCKET", shard => $"{Printer.Number(shard.Bucket)}/{Printer.Number(shard.Buckets)}", IsNumber: true),
        new("SLOT", shard => Printer.Number(shard.Slot), IsNumber: true),
        new("OWNER", shard => shard.Owner),
        new("TARGETS", shard => shard.Targets is { } targets ? Printer.Number(targets) : "", IsNumber: true),
        new("DOWN", shard => shard.Down is { } down ? Printer.Number(down) : "", IsNumber: true),
        new("SAMPLES/S", shard => shard.SamplesPerSecond is { } load ? Printer.Number(load) : "", IsNumber: true),
        new("SINCE", shard => Printer.Time(shard.Since)),
        new("BEFORE", shard => shard.Previous, IsWide: true),
        new("EPOCH", shard => Printer.Number(shard.Epoch), IsNumber: true, IsWide: true),
        new("VERSION", shard => Printer.Number(shard.Version), IsNumber: true, IsWide: true),
        new("REASON", shard => shard.Reason));
}
