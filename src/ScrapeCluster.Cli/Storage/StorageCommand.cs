using System.CommandLine;

namespace ScrapeCluster.Cli.Storage;

/// <summary><c>scrapectl storage ...</c>: looks at a data directory, whether its node runs or not. Nothing in it is changed.</summary>
internal static class StorageCommand
{
    public static Command Create() => new("storage", "Looks at a data directory; safe beside a running node, nothing is changed.")
    {
        ListCommand.Create(),
        AnalyzeCommand.Create(),
        DumpCommand.Create(),
        VerifyCommand.Create(),
        RepairCommand.Create(),
    };
}
