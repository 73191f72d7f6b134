using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Model.ClusterApi;

namespace ScrapeCluster.Cli.Cluster;

/// <summary><c>scrapectl cluster leave</c>: what a preStop hook runs. Ends when the node has handed over all it had.</summary>
internal static class LeaveCommand
{
    /// <summary>Longer than any <c>cluster.drain-timeout</c> that a person would wait for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(65);

    public static Command Create(NodeOptions options)
    {
        var node = new Option<string>("--node") { Description = "Another node than the one of --url." };
        var keepServing = new Option<bool>("--keep-serving") { Description = "The node stays up and answers for its history; otherwise it ends." };
        var command = new Command("leave", "Hands over what a node has and takes it out; says which history is not answered any more.") { node, keepServing };
        command.SetAction(options.Verb(async (client, parsed, cancellation) =>
        {
            var name = parsed.GetValue(node) ?? await client.OwnNameAsync(cancellation);
            var path = $"members/{Uri.EscapeDataString(name)}/leave{(parsed.GetValue(keepServing) ? "?keep-serving=true" : "")}";
            var answer = await client.SendAsync(HttpMethod.Post, path, ClusterApiJson.Default.LeaveStatus, Patience, cancellation);
            client.Printer.Print(answer, ClusterApiJson.Default.LeaveStatus, left => client.Printer.Line(left.Text));
            return answer.Data.SlotsLeftBehind > 0 ? ExitCodes.Faults : ExitCodes.Good;
        }));
        return command;
    }
}
