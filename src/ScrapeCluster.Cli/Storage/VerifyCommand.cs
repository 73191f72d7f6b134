using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Storage.Offline;

namespace ScrapeCluster.Cli.Storage;

/// <summary>What a check found, for <c>-o json</c>.</summary>
internal sealed record VerifyReport(CheckedCounts Checked, IReadOnlyList<DirectoryFault> Faults);

/// <summary><c>scrapectl storage verify DIR</c>: reads everything and tells of each place that is damaged.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var path = DirectoryVerb.Path();
        var output = new Option<OutputFormat>("--output", "-o") { Description = "table or json." };
        var command = new Command(
            "verify", "Checks every checksum of log, chunk files and blocks, and tells file and offset of each fault; exit code 1 when there is one, 2 when something cannot be read.")
        {
            path,
            output,
        };
        command.SetAction(DirectoryVerb.Of(path, (directory, parsed, cancellation) =>
        {
            var printer = new Printer(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(output));
            var isJson = parsed.GetValue(output) == OutputFormat.Json;
            var faults = new List<DirectoryFault>();
            var counts = DirectoryCheck.Run(
                directory,
                fault =>
                {
                    faults.Add(fault);
                    if (!isJson)
                    {
                        printer.Line(fault.ToString());
                    }
                },
                cancellation);
            printer.Print(new Answer<VerifyReport>(new VerifyReport(counts, faults), []), StorageJson.Default.VerifyReport, report => WriteEnd(printer, report));
            return ExitCodeOf(faults);
        }));
        return command;
    }

    private static void WriteEnd(Printer printer, VerifyReport report)
    {
        var counts = report.Checked;
        printer.Line($"{Count(report.Faults.Count, "fault")} in {Count(counts.Segments, "segment")} with {Count(counts.Records, "record")}, "
            + $"{Count(counts.ChunkFiles, "chunk file")} with {Count(counts.Chunks, "chunk")}, {Count(counts.Blocks, "block")}; {Printer.Number(counts.Bytes)} bytes");
    }

    private static string Count(long count, string what) => $"{Printer.Number(count)} {what}{(count == 1 ? "" : "s")}";

    private static int ExitCodeOf(List<DirectoryFault> faults)
    {
        return faults.Count == 0 ? ExitCodes.Good
            : faults.TrueForAll(static fault => fault.IsUnread) ? ExitCodes.Usage
            : ExitCodes.Faults;
    }
}
