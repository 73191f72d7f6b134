namespace ScrapeCluster.RemoteWrite.Queues.Sharding;

/// <summary>
/// An exponentially weighted average of a rate, from a counter that only grows (behaviour: Prometheus storage/remote/ewma.go). The first interval in which
/// something happened counts in full, later ones by <see cref="Weight"/>.
/// </summary>
internal struct SmoothedRate
{
    public const double Weight = 0.2;

    private double _total;
    private bool _hasBegun;

    /// <summary>A second; 0 until something happened.</summary>
    public double PerSecond { get; private set; }

    /// <param name="total">The counter as it stands now.</param>
    /// <param name="interval">Since the call before.</param>
    public void Tick(double total, TimeSpan interval)
    {
        var happened = total - _total;
        _total = total;
        var rate = happened / interval.TotalSeconds;
        if (_hasBegun)
        {
            PerSecond += Weight * (rate - PerSecond);
        }
        else if (happened > 0)
        {
            _hasBegun = true;
            PerSecond = rate;
        }
    }
}
