namespace ScrapeCluster.Cli;

/// <summary>What <c>scrapectl</c> answers to scripts; documented in docs/configuration.md.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and nothing was found to be wrong.</summary>
    public const int Good = 0;

    /// <summary>Done, and what was checked has faults; or the node refused, and standard error says why.</summary>
    public const int Faults = 1;

    /// <summary>The command line is wrong, nothing was done; or the data directory cannot be looked at.</summary>
    public const int Usage = 2;

    /// <summary>There is no such node, target, actor or block.</summary>
    public const int NotFound = 3;

    /// <summary>The node of <c>--url</c> does not answer; an order may have taken effect all the same.</summary>
    public const int Unreachable = 4;

    /// <summary>The reader of standard output went away, as <c>head</c> does: what a shell shows of a program that SIGPIPE (13) ends, 128 + 13.</summary>
    public const int OutputClosed = 141;
}
