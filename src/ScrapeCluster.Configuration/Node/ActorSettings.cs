namespace ScrapeCluster.Configuration.Node;

public sealed record ActorSettings
{
    /// <summary>Dead letters logged one by one in a window before they are only counted.</summary>
    public required int DeadLetterLogLimit { get; init; }

    public required TimeSpan DeadLetterLogWindow { get; init; }

    internal static ActorSettings Read(SettingsReader reader) => new()
    {
        DeadLetterLogLimit = reader.Count("scrapecluster.actors.dead-letter-log-limit", 0, 1_000_000),
        DeadLetterLogWindow = reader.Duration("scrapecluster.actors.dead-letter-log-window", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
    };
}
