namespace ScrapeCluster.Testing.Scrapes;

/// <summary>Everything that one target was asked, in the order in which it came; written by an exporter while tests read.</summary>
/// <param name="samples">Of one scrape, those that the scraper adds among them.</param>
public sealed class TargetRecord(string name, int samples)
{
    private readonly Lock _lock = new();
    private readonly List<Arrival> _arrivals = [];

    public string Name => name;

    /// <summary>What a scrape of it weighs.</summary>
    public int Samples => samples;

    public void Add(Arrival arrival)
    {
        lock (_lock)
        {
            _arrivals.Add(arrival);
        }
    }

    public IReadOnlyList<Arrival> All()
    {
        lock (_lock)
        {
            return [.. _arrivals];
        }
    }

    public IReadOnlyList<Arrival> Between(TimeSpan from, TimeSpan until) => [.. All().Where(arrival => arrival.At >= from && arrival.At < until)];

    /// <summary>The scrapes that a phase is measured by: the last before an instant.</summary>
    public IReadOnlyList<Arrival> LastBefore(TimeSpan until) => [.. All().Where(arrival => arrival.At < until).TakeLast(PhaseEstimate.Scrapes)];

    public IReadOnlyList<Arrival> FirstAfter(TimeSpan from) => [.. All().Where(arrival => arrival.At >= from).Take(PhaseEstimate.Scrapes)];
}
