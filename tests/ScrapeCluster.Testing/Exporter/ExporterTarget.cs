using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.Testing.Exporter;

/// <summary>One path of the exporter: its page, which can change at any time, and the record of its scrapes.</summary>
public sealed class ExporterTarget(string name, int series)
{
    /// <summary>Samples that a scraper adds to each page: up, its duration, how many were scraped, kept and new.</summary>
    private const int ReportSamples = 5;

    private readonly Lock _lock = new();
    private readonly SortedSet<string> _lines = new(StringComparer.Ordinal);
    private volatile string? _refuses;
    private volatile byte[] _answer = ExporterPage.Of(series, []);

    public TargetRecord Record { get; } = new(name, series + ReportSamples);

    public string Path => "/" + Record.Name;

    /// <summary>The scraper at this address is answered 500, all others as ever; null: nobody is.</summary>
    public string? Refuses
    {
        get => _refuses;
        set => _refuses = value;
    }

    internal byte[] AnswerTo(string from) =>
        _refuses == from ? ExporterPage.Answer("500 Internal Server Error", "text/plain", "not for you\n") : _answer;

    /// <summary>Exposes one more line, such as <c>passing{a="b"} 1</c>.</summary>
    public void Expose(string line) => Change(lines => lines.Add(line));

    public void Drop(string line) => Change(lines => lines.Remove(line));

    private void Change(Func<SortedSet<string>, bool> change)
    {
        lock (_lock)
        {
            if (change(_lines))
            {
                _answer = ExporterPage.Of(series, _lines);
            }
        }
    }
}
