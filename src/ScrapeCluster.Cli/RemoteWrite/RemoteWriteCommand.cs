using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.RemoteWrite;

/// <summary><c>scrapectl remote-write</c>: how far each queue of each node is, and what keeps it.</summary>
internal static class RemoteWriteCommand
{
    public static Command Create()
    {
        var options = new NodeOptions();
        var node = new Option<string>("--node") { Description = "Of this node only." };
        var command = new Command("remote-write", "The remote write queues of all nodes: how far behind they are, what they owe, what failed last.") { node };
        options.AddTo(command);
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var path = parsed.GetValue(node) is { } name ? $"remote_write?node={Uri.EscapeDataString(name)}" : "remote_write";
            var answer = await client.GetAsync(path, ClusterApiJson.Default.RemoteWriteStatus, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.RemoteWriteStatus, status => client.Printer.Rows(status.Queues, Columns));
            return ExitCodes.Good;
        }));
        return command;
    }

    private static Column<RemoteWriteQueueStatus>[] Columns =>
    [
        new("NODE", queue => queue.Node),
        new("QUEUE", queue => queue.Name),
        new("LAG-S", queue => Printer.Number(queue.LagSeconds), IsNumber: true),
        new("OWED-BYTES", queue => Printer.Number(queue.OwedBytes), IsNumber: true),
        new("PENDING", queue => Printer.Number(queue.Pending), IsNumber: true),
        new("SHARDS", queue => Printer.Number(queue.Shards), IsNumber: true),
        new("SENT", queue => Printer.Number(queue.Sent), IsNumber: true),
        new("FAILED", queue => Printer.Number(queue.Failed), IsNumber: true),
        new("RETRIED", queue => Printer.Number(queue.Retried), IsNumber: true),
        new("DROPPED", queue => Printer.Number(queue.Dropped), IsNumber: true),
        new("URL", queue => queue.Url, IsWide: true),
        new("PROTOCOL", queue => queue.Protocol, IsWide: true),
        new("POSITION", queue => queue.Position is { } place ? PlaceOf(place) : "", IsWide: true),
        new("END", queue => PlaceOf(queue.End), IsWide: true),
        new("WANTED", queue => $"{Printer.Number(queue.DesiredShards)}({Printer.Number(queue.MinShards)}-{Printer.Number(queue.MaxShards)})", IsWide: true),
        new("NEWEST-SENT", queue => Printer.Time(queue.NewestSent), IsWide: true),
        new("STOOD-IN", queue => queue.Replicas is { } replicas ? Printer.Number(replicas.StoodIn) : "", IsNumber: true, IsWide: true),
        new("HELD-BACK", queue => queue.Replicas is { } replicas ? Printer.Number(replicas.HeldBack) : "", IsNumber: true, IsWide: true),
        new("LAST-FAILURE", queue => queue.LastFailure is { } failure ? $"{Printer.Time(failure.At)} {failure.Error}" : "", IsWide: true),
    ];

    private static string PlaceOf(LogPlaceStatus place) => $"{Printer.Number(place.Segment)}:{Printer.Number(place.Offset)}";
}
