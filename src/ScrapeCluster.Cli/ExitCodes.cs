namespace ScrapeCluster.Cli;

/// <summary>What <c>scrapectl</c> answers to scripts; documented in docs/configuration.md.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and nothing was found to be wrong.</summary>
    public const int Good = 0;

    /// <summary>Done, and what was checked has faults.</summary>
    public const int Faults = 1;

    /// <summary>The command line is wrong; nothing was done.</summary>
    public const int Usage = 2;
}
