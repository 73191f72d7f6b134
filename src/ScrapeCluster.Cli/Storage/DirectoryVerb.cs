using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Storage.Offline;

namespace ScrapeCluster.Cli.Storage;

/// <summary>What the verbs on a data directory have in common: its argument, the note that somebody has it open, and what becomes of faults.</summary>
internal static class DirectoryVerb
{
    public static Argument<string> Path() => new("dir") { Description = "The data directory of a node, of an agent, or of Prometheus." };

    /// <summary>Runs a verb; what fails becomes a text and an exit code.</summary>
    public static Func<ParseResult, CancellationToken, Task<int>> Of(Argument<string> path, Func<DataDirectory, ParseResult, CancellationToken, int> verb) => (parsed, cancellation) =>
    {
        var error = parsed.InvocationConfiguration.Error;
        try
        {
            if (!DataDirectory.TryFind(parsed.GetRequiredValue(path), out var directory, out var fault))
            {
                throw new CommandFailure(ExitCodes.Usage, fault);
            }

            if (directory.Holder is { } holder)
            {
                error.WriteLine($"note: {directory.Path} is open in {holder}; what it writes just now may be missing");
            }

            return Task.FromResult(verb(directory, parsed, cancellation));
        }
        catch (CommandFailure failure)
        {
            error.WriteLine($"error: {failure.Message}");
            return Task.FromResult(failure.ExitCode);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"error: {failure.Message}");
            return Task.FromResult(ExitCodes.Usage);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return Task.FromResult(ExitCodes.Usage);
        }
    };
}
