using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Cluster;

/// <summary><c>scrapectl cluster events</c>: joins, deaths, moves and changes of the leader with their reasons, the newest last.</summary>
internal static class EventsCommand
{
    private const int MostAtOnce = 1000;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    public static Command Create(NodeOptions options)
    {
        var count = new Option<int>("-n") { Description = "How many of the newest.", DefaultValueFactory = _ => 20 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with what happens until it is stopped." };
        var command = new Command("events", "What happened in the cluster, and why.") { count, follow };
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var last = await PrintAsync(client, $"events?limit={Math.Clamp(parsed.GetValue(count), 1, MostAtOnce)}", 0, cancellation);
            while (parsed.GetValue(follow))
            {
                await Task.Delay(LookAgain, cancellation);
                last = await PrintAsync(client, $"events?limit={MostAtOnce}&after={last}", last, cancellation);
            }

            return ExitCodes.Good;
        }));
        return command;
    }

    private static async Task<long> PrintAsync(NodeClient client, string path, long last, CancellationToken cancellation)
    {
        var answer = await client.GetAsync(path, ClusterApiJson.Default.EventsStatus, cancellation);
        var events = answer.Data.Events.OrderBy(e => e.Id).ToList();
        if (events.Count > 0 || last == 0)
        {
            client.Printer.Print(answer with { Data = new EventsStatus(events) }, ClusterApiJson.Default.EventsStatus, _ => Write(client.Printer, events));
        }

        return events.Count > 0 ? events[^1].Id : last;
    }

    /// <summary>One line an event, without a header, so that what follows later reads on.</summary>
    private static void Write(Printer printer, List<EventStatus> events)
    {
        foreach (var e in events)
        {
            printer.Line($"{Printer.Time(e.At)}  {e.Kind,-10}  {e.Subject}  {e.Detail}{(printer.IsWide ? $"  (by {e.Node}, epoch {Printer.Number(e.Epoch)})" : "")}");
        }
    }
}
