using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Cluster;

/// <summary><c>scrapectl cluster ...</c>: the nodes.</summary>
internal static class ClusterCommand
{
    public static Command Create()
    {
        var options = new NodeOptions();
        var command = new Command("cluster", "The nodes: who is there, who leads, what happened; and taking nodes out.")
        {
            Show(options),
            Status(options),
            Leader(options),
            LeaveCommand.Create(options),
            Order(options, "down", "Declares a node dead whatever it does; others take over what it had."),
            Order(options, "cordon", "Gives a node nothing more; it keeps what it has."),
            Order(options, "uncordon", "Gives a cordoned node targets again."),
            EventsCommand.Create(options),
        };
        options.AddTo(command);
        return command;
    }

    private static Command Show(NodeOptions options)
    {
        var command = new Command("show", "Every member in a line.");
        command.SetAction(options.Verb(async (client, _, cancellation) =>
        {
            var answer = await client.GetAsync("members", ClusterApiJson.Default.MembersStatus, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.MembersStatus, status => Write(client.Printer, status.Members));
            return ExitCodes.Good;
        }));
        return command;
    }

    private static void Write(Printer printer, IReadOnlyList<MemberStatus> members)
    {
        printer.Rows(
            members,
            new("NODE", member => member.Node),
            new("STATE", member => member.IsCordoned ? $"{member.State},cordoned" : member.State),
            new("LEADER", member => member.IsLeader ? "leader" : ""),
            new("SLOTS", member => Printer.Number(member.Slots), IsNumber: true),
            new("SAMPLES/S", member => Printer.Number(member.SamplesPerSecond), IsNumber: true),
            new("SEEN-AGO", member => $"{Printer.Number(member.SeenSecondsAgo)}s", IsNumber: true),
            new("VERSION", member => member.Version),
            new("ZONE", member => member.Zone, IsWide: true),
            new("CAPACITY", member => member.Capacity > 0 ? Printer.Number(member.Capacity) : "", IsNumber: true, IsWide: true),
            new("INCARNATION", member => Printer.Number(member.Incarnation), IsNumber: true, IsWide: true),
            new("APPLIED", member => Printer.Number(member.AppliedAssignments), IsNumber: true, IsWide: true),
            new("CONFIG", member => Printer.Number(member.AppliedConfig), IsNumber: true, IsWide: true),
            new("PEERS-AT", member => member.Address, IsWide: true),
            new("API-AT", member => member.ApiAddress, IsWide: true));
    }

    private static Command Status(NodeOptions options)
    {
        var node = new Option<string>("--node") { Description = "Another node than the one of --url." };
        var command = new Command("status", "One node by its own word.") { node };
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var path = parsed.GetValue(node) is { } name ? $"status?node={Uri.EscapeDataString(name)}" : "status";
            var answer = await client.GetAsync(path, ClusterApiJson.Default.NodeStatus, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.NodeStatus, status => Write(client.Printer, status));
            return ExitCodes.Good;
        }));
        return command;
    }

    private static void Write(Printer printer, NodeStatus status) => printer.Pairs(
        ("node", status.Node),
        ("cluster", status.Cluster),
        ("state", status.Refusal is null ? status.State : $"{status.State}: {status.Refusal}"),
        ("ready", status.IsReady ? "yes" : "no"),
        ("incarnation", status.Incarnation is { } incarnation ? Printer.Number(incarnation) : ""),
        ("leader", status.Leader.Length > 0 ? $"{status.Leader}{(status.IsLeader ? " (this node)" : "")}, epoch {Printer.Number(status.Epoch)}" : "nobody"),
        ("database", status.StoreFault is null ? "answers" : $"does not answer: {status.StoreFault}"),
        ("read-at", Printer.Time(status.ReadAt)),
        ("assignments", $"version {Printer.Number(status.AssignmentVersion)}"),
        ("slots", Printer.Number(status.OwnedSlots)),
        ("targets", Printer.Number(status.Targets)),
        ("configuration", $"version {Printer.Number(status.Config.ClusterVersion)}{(status.Config.Drift is null ? "" : $"; this node's file differs: {status.Config.Drift}")}"),
        ("last-reload", status.Config.LastReloadError ?? "succeeded"),
        ("clock-offset", $"{Printer.Number(status.ClockOffsetSeconds * 1000)}ms"),
        ("history", $"{Printer.Number(status.History.Series)} series, {Printer.Time(status.History.Oldest)} to {Printer.Time(status.History.Newest)}"),
        ("version", status.Version),
        ("started", Printer.Time(status.StartTime)));

    private static Command Leader(NodeOptions options)
    {
        var command = new Command("leader", "The node that leads.");
        command.SetAction(options.Verb(async (client, _, cancellation) =>
        {
            var answer = await client.GetAsync("leader", ClusterApiJson.Default.LeaderStatus, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.LeaderStatus, leader => client.Printer.Rows(
                [leader],
                new("LEADER", row => row.Node),
                new("EPOCH", row => Printer.Number(row.Epoch), IsNumber: true),
                new("LEASE", row => row.IsExpired ? "expired" : "held"),
                new("API-AT", row => row.ApiAddress)));
            return answer.Data.Node.Length > 0 ? ExitCodes.Good : ExitCodes.Faults;
        }));
        return command;
    }

    private static Command Order(NodeOptions options, string verb, string description)
    {
        var node = new Argument<string>("node") { Description = "Name of the member." };
        var command = new Command(verb, description) { node };
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var path = $"members/{Uri.EscapeDataString(parsed.GetRequiredValue(node))}/{verb}";
            var answer = await client.SendAsync(HttpMethod.Post, path, ClusterApiJson.Default.OrderStatus, null, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.OrderStatus, done => client.Printer.Line(done.Text));
            return ExitCodes.Good;
        }));
        return command;
    }
}
