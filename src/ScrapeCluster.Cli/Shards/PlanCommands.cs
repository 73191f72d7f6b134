using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Shards;

/// <summary><c>scrapectl shard plan</c> and <c>rebalance</c>.</summary>
internal static class PlanCommands
{
    /// <summary>The leader plans over all buckets.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static Command Plan(NodeOptions options)
    {
        return Create(options, "plan", "What would move to even out the load; changes nothing.", HttpMethod.Get, "would move");
    }

    public static Command Rebalance(NodeOptions options)
    {
        return Create(options, "rebalance", "Evens out the load now.", HttpMethod.Post, "moves");
    }

    private static Command Create(NodeOptions options, string verb, string description, HttpMethod method, string what)
    {
        var command = new Command(verb, description);
        command.SetAction(options.Verb(async (client, _, cancellation) =>
        {
            var answer = await client.SendAsync(method, verb, ClusterApiJson.Default.PlanStatus, Patience, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.PlanStatus, plan => Write(client.Printer, plan, what));
            return ExitCodes.Good;
        }));
        return command;
    }

    private static void Write(Printer printer, PlanStatus plan, string what)
    {
        if (plan.Moves.Count == 0)
        {
            printer.Line("Nothing has to move.");
        }
        else
        {
            printer.Line($"{Printer.Number(plan.Moves.Count)} {(plan.Moves.Count == 1 ? "slot" : "slots")} {what}:");
            WriteMoves(printer, plan.Moves);
        }

        if (plan.InFlight.Count + plan.Waiting > 0)
        {
            printer.Line();
            printer.Line($"On their way: {Printer.Number(plan.InFlight.Count)}; waiting: {Printer.Number(plan.Waiting)}");
            WriteMoves(printer, plan.InFlight);
        }

        if (plan.HeldBack is { Count: > 0 })
        {
            printer.Line();
            printer.Rows(plan.HeldBack, new("WAITS", node => node.Node), new("REASON", node => node.Reason));
        }

        WriteUnplaced(printer, "Not placed:", plan.Unplaced);
        WriteUnplaced(printer, "Quarantined:", plan.Quarantined);
        printer.Line();
        printer.Rows(plan.Loads, new("NODE", load => load.Node), new("SAMPLES/S", load => Printer.Number(load.SamplesPerSecond), IsNumber: true));
        printer.Line($"average {Printer.Number(plan.Average)}, max/average {plan.MaxOverAverage.ToString("0.000", System.Globalization.CultureInfo.InvariantCulture)}");
    }

    private static void WriteMoves(Printer printer, IReadOnlyList<MoveStatus> moves)
    {
        if (moves.Count > 0)
        {
            printer.Rows(
                moves,
                new("JOB", move => move.Job),
                new("BUCKET", move => Printer.Number(move.Bucket), IsNumber: true),
                new("SLOT", move => Printer.Number(move.Slot), IsNumber: true),
                new("FROM", move => move.From),
                new("TO", move => move.To),
                new("SAMPLES/S", move => Printer.Number(move.SamplesPerSecond), IsNumber: true),
                new("REASON", move => move.Reason));
        }
    }

    private static void WriteUnplaced(Printer printer, string title, IReadOnlyList<UnplacedStatus> slots)
    {
        if (slots.Count > 0)
        {
            printer.Line();
            printer.Line(title);
            printer.Rows(
                slots,
                new("JOB", slot => slot.Job),
                new("BUCKET", slot => Printer.Number(slot.Bucket), IsNumber: true),
                new("SLOT", slot => Printer.Number(slot.Slot), IsNumber: true),
                new("REASON", slot => slot.Reason));
        }
    }
}
