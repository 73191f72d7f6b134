namespace ScrapeCluster.Configuration.Node;

public sealed record RemoteWriteSettings
{
    public required TimeSpan FlushDeadline { get; init; }

    internal static RemoteWriteSettings Read(SettingsReader reader) => new()
    {
        FlushDeadline = reader.Duration("scrapecluster.remote-write.flush-deadline", TimeSpan.Zero, TimeSpan.FromDays(1)),
    };
}
