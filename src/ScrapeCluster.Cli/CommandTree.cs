using System.CommandLine;
using ScrapeCluster.Cli.Check;

namespace ScrapeCluster.Cli;

/// <summary>The verbs of <c>scrapectl</c>.</summary>
internal static class CommandTree
{
    public static int Run(string[] args, Stream input, TextWriter output, TextWriter error)
    {
        var root = new RootCommand("Looks at ScrapeCluster and at the files it reads.") { CheckCommand.Create(input, output) };
        var parsed = root.Parse(args);
        var exitCode = parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        output.Flush();
        return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
    }
}
