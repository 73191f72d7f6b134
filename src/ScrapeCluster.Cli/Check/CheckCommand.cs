using System.CommandLine;
using ScrapeCluster.Exposition;

namespace ScrapeCluster.Cli.Check;

/// <summary><c>scrapectl check ...</c>: would a node accept this? Needs no running node.</summary>
internal static class CheckCommand
{
    public static Command Create(Stream input, TextWriter output) => new("check", "Tells whether a node would accept a file.")
    {
        Metrics(input, output),
    };

    private static Command Metrics(Stream input, TextWriter output)
    {
        var format = new Option<string>("--format") { Description = "The format of the page.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "openmetrics");
        var command = new Command("metrics", "Reads a page of metrics from standard input and prints its first fault; exit code 1 when there is one.") { format };
        command.SetAction(parsed => MetricsCheck.Run(
            input,
            parsed.GetValue(format) == "openmetrics" ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text,
            output));
        return command;
    }
}
