using System.Buffers;
using System.Globalization;
using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Queries;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Tests.Storage;

/// <summary>A storage in a directory of its own, without the actor; can be closed and opened again.</summary>
internal sealed class StorageFixture : IDisposable
{
    private readonly SampleBatchPool _pool = new();
    private readonly IDataFiles _files;

    public StorageFixture(Func<StorageOptions, StorageOptions>? configure = null, IDataFiles? files = null, string? directory = null)
    {
        _files = files ?? DiskFiles.Instance;
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("storage-test-").FullName;
        Options = (configure ?? (options => options))(new StorageOptions(Directory));
        Storage = Open();
    }

    public string Directory { get; }

    public StorageOptions Options { get; }

    public LocalStorage Storage { get; private set; }

    public MetricsRegistry Metrics { get; private set; } = new();

    public LogLines Log { get; } = new();

    public void Reopen()
    {
        Storage.Dispose();
        Storage = Open();
    }

    /// <summary>The values of a family with one label, by the label's value.</summary>
    public Dictionary<string, double> Values(string family, string label)
    {
        var page = new ArrayBufferWriter<byte>();
        Metrics.Write(page);
        var start = $"{family}{{{label}=\"";
        return Encoding.UTF8.GetString(page.WrittenSpan).Split('\n')
            .Where(line => line.StartsWith(start, StringComparison.Ordinal))
            .ToDictionary(line => line[start.Length..line.LastIndexOf('"')], line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Appends one sample of a series known by its name.</summary>
    public AppendResult Append(string name, long timestampMs, double value) => Append(batch =>
    {
        batch.TimestampMs = timestampMs;
        batch.AddNew(Series(name), value);
    });

    public AppendResult Append(Action<SampleBatch> fill)
    {
        var batch = _pool.Rent();
        fill(batch);
        batch.ReportedCount = batch.ReportedCount == 0 ? batch.Count : batch.ReportedCount;
        var result = Storage.Writer.Append(batch);
        _pool.Return(batch);
        return result;
    }

    /// <summary>What the actor does when the head is cut, at once.</summary>
    public void Truncate(long beforeMs)
    {
        Storage.Writer.TruncateBefore(beforeMs);
        while (Storage.Writer.ContinueTruncation())
        {
        }

        if (Storage.Writer.BeginCheckpoint(CancellationToken.None) is { } checkpoint)
        {
            Storage.Writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }
    }

    /// <summary>What the actor does with it at a tick, to its end.</summary>
    public void LookForOwed() => Storage.Writer.LookForOwed().GetAwaiter().GetResult();

    public IReadOnlyList<SeriesSamples> Select(string selector, long minMs = long.MinValue, long maxMs = long.MaxValue)
    {
        return Storage.Query.Select(Matchers(selector), minMs, maxMs);
    }

    public static IReadOnlyList<LabelMatcher> Matchers(string selector)
    {
        Assert.True(SelectorParser.TryParse(selector, out var matchers, out var fault), fault);
        return matchers;
    }

    public static Labels Series(string name) => Labels.Of((Labels.MetricName, name), ("job", "test"));

    public void Dispose()
    {
        Storage.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private LocalStorage Open()
    {
        Metrics = new MetricsRegistry();
        Assert.True(
            LocalStorage.TryOpen(Options, Metrics, Log, TimeProvider.System, out var storage, out var fault), fault);
        Assert.Null(storage.ReplayWith(_files, TestContext.Current.CancellationToken));
        return storage;
    }
}
