using System.CommandLine;
using ScrapeCluster.Configuration;
using ScrapeCluster.Exposition;

namespace ScrapeCluster.Cli.Check;

/// <summary><c>scrapectl check ...</c>: would a node accept this file, does a node live?</summary>
internal static class CheckCommand
{
    public static Command Create(Stream input, TextWriter output) => new("check", "Tells whether a node would accept a file, or whether it lives.")
    {
        Config(output),
        Metrics(input, output),
        Health("healthy", "Whether the node lives; exit code 1 when it does not.", output),
        Health("ready", "Whether the node has read its log and works; exit code 1 when it does not.", output),
    };

    private static Command Config(TextWriter output)
    {
        var files = new Argument<string[]>("file") { Description = "A prometheus.yml; several may be given.", Arity = ArgumentArity.OneOrMore };
        var syntaxOnly = new Option<bool>("--syntax-only") { Description = "Do not look whether the credential and TLS files that it names are there." };
        var command = new Command("config", "Reads prometheus.yml files and prints all their faults with file and line; exit code 1 when there is one.")
        {
            files,
            syntaxOnly,
        };
        command.SetAction(parsed => ConfigCheck.Run(parsed.GetRequiredValue(files), output, parsed.GetValue(syntaxOnly)));
        return command;
    }

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

    private static Command Health(string name, string description, TextWriter output)
    {
        var url = new Option<string>("--url") { Description = "The node's page.", DefaultValueFactory = _ => "http://127.0.0.1:9095" };
        url.Validators.Add(given =>
        {
            if (!Uri.TryCreate(given.GetValueOrDefault<string>(), UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https"))
            {
                given.AddError($"--url: {given.GetValueOrDefault<string>()} is no http URL");
            }
        });
        var command = new Command(name, description) { url };
        command.SetAction(parsed => HealthCheck.Run(new Uri(parsed.GetRequiredValue(url)), $"/-/{name}", output));
        return command;
    }
}
