using System.CommandLine;
using ScrapeCluster.Cli.Actors;
using ScrapeCluster.Cli.Check;
using ScrapeCluster.Cli.Cluster;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Cli.RemoteWrite;
using ScrapeCluster.Cli.Shards;
using ScrapeCluster.Cli.Storage;

namespace ScrapeCluster.Cli;

/// <summary>The verbs of <c>scrapectl</c>.</summary>
internal static class CommandTree
{
    public static int Run(string[] args, Stream input, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Looks at ScrapeCluster and at the files it reads, and takes its nodes in and out.")
        {
            ClusterCommand.Create(),
            ShardCommand.Create(),
            ActorCommand.Create(),
            CheckCommand.Create(input, output),
            RemoteWriteCommand.Create(),
            StorageCommand.Create(),
        };
        var parsed = root.Parse(args);
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        try
        {
            var exitCode = parsed.InvokeAsync(configuration).GetAwaiter().GetResult();
            output.Flush();
            return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
        }
        catch (OutputClosedException)
        {
            return ExitCodes.OutputClosed;
        }
    }
}
