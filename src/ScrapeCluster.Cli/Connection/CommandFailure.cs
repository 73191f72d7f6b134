namespace ScrapeCluster.Cli.Connection;

/// <summary>A verb cannot do what it was asked for; the message says what to do.</summary>
internal sealed class CommandFailure(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
