namespace ScrapeCluster.Node.Hosting;

/// <summary>Set once the WAL has been replayed and scraping has begun; unset again when the node stops.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }
}
