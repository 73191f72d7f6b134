using System.CommandLine;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Cli.Connection;

/// <summary>The options that every verb has which asks a node.</summary>
internal sealed class NodeOptions
{
    private const string UrlVariable = "SCRAPECTL_URL";
    private const string DefaultUrl = "http://127.0.0.1:9095";

    private readonly Option<string> _url = new("--url")
    {
        Description = $"URL of any node of the cluster; the environment variable {UrlVariable} when absent, else {DefaultUrl}.",
        Recursive = true,
    };

    private readonly Option<string> _secretFile = new("--secret-file") { Description = "File with the cluster's secret, which gives the right to change things.", Recursive = true };
    private readonly Option<string> _tokenFile = new("--token-file") { Description = "File with the node's admin token, instead of the secret.", Recursive = true };

    private readonly Option<OutputFormat> _output = new("--output", "-o") { Description = "table, wide (more columns) or json.", Recursive = true };

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_secretFile);
        command.Add(_tokenFile);
        command.Add(_output);
    }

    /// <summary>Runs a verb against the node that the options name; what fails becomes a text and an exit code.</summary>
    public Func<ParseResult, CancellationToken, Task<int>> Verb(Func<NodeClient, ParseResult, CancellationToken, Task<int>> verb) => async (parsed, cancellation) =>
    {
        try
        {
            using var client = new NodeClient(UrlOf(parsed), TokenOf(parsed), new Printer(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(_output)));
            return await verb(client, parsed, cancellation);
        }
        catch (CommandFailure failure)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"error: {failure.Message}");
            return failure.ExitCode;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Good;
        }
    };

    private Uri UrlOf(ParseResult parsed)
    {
        var text = parsed.GetValue(_url) ?? (Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } set ? set : DefaultUrl);
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new CommandFailure(ExitCodes.Usage, $"\"{text}\" is not the URL of a node; give one such as {DefaultUrl} with --url");
    }

    private AdminToken? TokenOf(ParseResult parsed)
    {
        var (file, isSecret) = parsed.GetValue(_tokenFile) is { } tokenFile ? (tokenFile, false) : (parsed.GetValue(_secretFile), true);
        if (file is null)
        {
            return null;
        }

        return AdminToken.TryReadFile(file, isSecret, out var token, out var fault) ? token : throw new CommandFailure(ExitCodes.Usage, fault);
    }
}
