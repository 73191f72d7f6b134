using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Actors;

/// <summary><c>scrapectl actor ...</c>: the actors of a node, or of all.</summary>
internal static class ActorCommand
{
    private const int DefaultDepth = 2;

    public static Command Create()
    {
        var options = new NodeOptions();
        var command = new Command("actor", "The actors of a node: what they are, how much waits for them, what failed last.") { Hierarchy(options), Inspect(options) };
        options.AddTo(command);
        return command;
    }

    private static Command Hierarchy(NodeOptions options)
    {
        var start = new Option<string>("--start", "-s") { Description = "Path to begin at.", DefaultValueFactory = _ => "/user" };
        var depth = new Option<int>("--depth", "-d")
        {
            Description = "Levels below the start; 0: only the start itself. The loops of a pool, one a target, are at 3 below /user.",
            DefaultValueFactory = _ => DefaultDepth,
        };
        var node = new Option<string>("--node") { Description = "Another node than the one of --url." };
        var all = new Option<bool>("--all") { Description = "Of every node." };
        var command = new Command("hierarchy", "Actors by path, parents before children.") { start, depth, node, all };
        command.Validators.Add(given =>
        {
            if (given.GetValue(all) && given.GetValue(node) is not null)
            {
                given.AddError("--node and --all exclude each other");
            }
        });
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(start);
            if (parsed.GetValue(all))
            {
                await PrintAllAsync(client, path, parsed.GetValue(depth), cancellation);
            }
            else
            {
                await PrintOneAsync(client, path, parsed.GetValue(node), parsed.GetValue(depth), cancellation);
            }

            return ExitCodes.Good;
        }));
        return command;
    }

    private static async Task PrintOneAsync(NodeClient client, string path, string? node, int depth, CancellationToken cancellation)
    {
        var answer = await client.GetAsync(Query(path, node), ClusterApiJson.Default.ActorsStatus, cancellation);
        var shown = answer with { Data = new ActorsStatus(Within(answer.Data.Actors, path, depth)) };
        client.Printer.Print(shown, ClusterApiJson.Default.ActorsStatus, actors => client.Printer.Rows(actors.Actors, [.. Columns<ActorStatus>(actor => actor)]));
    }

    private static async Task PrintAllAsync(NodeClient client, string path, int depth, CancellationToken cancellation)
    {
        var answer = await client.GetAsync(Query(path, "*"), ClusterApiJson.Default.NodeActorsStatus, cancellation);
        var shown = answer with { Data = new NodeActorsStatus([.. answer.Data.Nodes.Select(node => node with { Actors = Within(node.Actors, path, depth) })]) };
        client.Printer.Print(shown, ClusterApiJson.Default.NodeActorsStatus, nodes => client.Printer.Rows(
            [.. nodes.Nodes.SelectMany(node => node.Actors.Select(actor => (node.Node, Actor: actor)))],
            [new Column<(string Node, ActorStatus Actor)>("NODE", row => row.Node), .. Columns<(string Node, ActorStatus Actor)>(row => row.Actor)]));
    }

    private static Command Inspect(NodeOptions options)
    {
        var path = new Argument<string>("path") { Description = "Such as /user/storage." };
        var node = new Option<string>("--node") { Description = "Another node than the one of --url." };
        var command = new Command("inspect", "One actor; exit code 3 when there is none at the path.") { path, node };
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var answer = await client.GetAsync(Query(parsed.GetRequiredValue(path), parsed.GetValue(node)), ClusterApiJson.Default.ActorsStatus, cancellation);
            var one = answer with { Data = new ActorsStatus([.. answer.Data.Actors.Take(1)]) };
            client.Printer.Print(one, ClusterApiJson.Default.ActorsStatus, actors => Write(client.Printer, actors.Actors[0], answer.Data.Actors.Count - 1));
            return ExitCodes.Good;
        }));
        return command;
    }

    private static void Write(Printer printer, ActorStatus actor, int below) => printer.Pairs(
        ("path", actor.Path),
        ("type", actor.Type),
        ("mailbox", Printer.Number(actor.MailboxLength)),
        ("processed", Printer.Number(actor.Processed)),
        ("restarts", Printer.Number(actor.Restarts)),
        ("handler-time", $"{Printer.Number(actor.HandlerSeconds)}s"),
        ("actors-below", Printer.Number(below)),
        ("last-failure", actor.LastFailure is { } failure ? $"{Printer.Time(failure.At)}  {failure.Error}" : ""));

    private static string Query(string path, string? node)
    {
        return $"actors?path={Uri.EscapeDataString(path)}{(node is null ? "" : $"&node={Uri.EscapeDataString(node)}")}";
    }

    private static List<ActorStatus> Within(IReadOnlyList<ActorStatus> actors, string start, int depth)
    {
        var level = Level(start);
        return [.. actors.Where(actor => Level(actor.Path) - level <= depth)];
    }

    private static int Level(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Length;

    private static IEnumerable<Column<T>> Columns<T>(Func<T, ActorStatus> actor) =>
    [
        new("PATH", row => actor(row).Path),
        new("TYPE", row => actor(row).Type),
        new("MAILBOX", row => Printer.Number(actor(row).MailboxLength), IsNumber: true),
        new("PROCESSED", row => Printer.Number(actor(row).Processed), IsNumber: true),
        new("RESTARTS", row => Printer.Number(actor(row).Restarts), IsNumber: true),
        new("HANDLER-S", row => Printer.Number(actor(row).HandlerSeconds), IsNumber: true, IsWide: true),
        new("LAST-FAILURE", row => actor(row).LastFailure?.Error ?? "", IsWide: true),
    ];
}
