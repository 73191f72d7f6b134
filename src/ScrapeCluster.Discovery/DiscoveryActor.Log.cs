using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Discovery;

public sealed partial class DiscoveryActor
{
    [LoggerMessage(4000, LogLevel.Warning, "Discovery of kind {Kind} is not built yet: such an entry finds no targets")]
    private partial void LogNotBuilt(string kind);

    [LoggerMessage(4001, LogLevel.Error, "Discovery {Name} of kind {Kind} could not be started and stays stopped; the groups it found before are kept. A reload that changes its entry starts it anew")]
    private partial void LogProviderEnded(string kind, string name);
}
