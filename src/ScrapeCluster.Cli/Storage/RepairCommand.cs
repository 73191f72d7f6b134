using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Storage.Offline;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Cli.Storage;

/// <summary><c>scrapectl storage repair --dry-run DIR</c>: what the next start of the node would cut, rewrite, remove or skip.</summary>
internal static class RepairCommand
{
    public static Command Create()
    {
        var path = DirectoryVerb.Path();
        var dryRun = new Option<bool>("--dry-run") { Description = "Has to be given: only the start of a node repairs." };
        var mode = new Option<WalRepairMode>("--wal-repair") { Description = "As scrapecluster.storage.wal.repair is set for the node: keep or cut." };
        var output = new Option<OutputFormat>("--output", "-o") { Description = "table or json." };
        var command = new Command("repair", "Tells what a start of the node would cut, rewrite, remove or skip; exit code 1 when there is something.")
        {
            path,
            dryRun,
            mode,
            output,
        };
        command.SetAction(DirectoryVerb.Of(path, (directory, parsed, cancellation) =>
        {
            if (!parsed.GetValue(dryRun))
            {
                throw new CommandFailure(
                    ExitCodes.Usage, $"a directory is repaired by the node, at its start, by the rules that --dry-run tells of; nothing was done. Give --dry-run to see what a start would do with {directory.Path}");
            }

            var printer = new Printer(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(output));
            var actions = StartPlan.Of(directory, parsed.GetValue(mode), cancellation);
            printer.Print(new Answer<IReadOnlyList<StartAction>>(actions, []), StorageJson.Default.IReadOnlyListStartAction, _ => Write(printer, actions));
            return actions.Count == 0 ? ExitCodes.Good : ExitCodes.Faults;
        }));
        return command;
    }

    private static void Write(Printer printer, IReadOnlyList<StartAction> actions)
    {
        if (actions.Count == 0)
        {
            printer.Line("Nothing: the directory is as a start wants it.");
        }

        foreach (var (does, path, offset, why) in actions)
        {
            printer.Line($"{does,-7}  {path}{(offset is { } at ? $" at offset {Printer.Number(at)}" : "")}: {why}");
        }
    }
}
