using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Agent;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Agent;

/// <summary>An agent's storage in a directory of its own, without the actor; can be closed and opened again.</summary>
internal sealed class AgentFixture : IDisposable
{
    private readonly SampleBatchPool _pool = new();
    private readonly IDataFiles _files;

    public AgentFixture(Func<AgentOptions, AgentOptions>? configure = null, IDataFiles? files = null, string? directory = null, ManualTimeProvider? time = null)
    {
        _files = files ?? DiskFiles.Instance;
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("agent-test-").FullName;
        Time = time ?? new ManualTimeProvider();
        Options = (configure ?? (options => options))(new AgentOptions(Directory) { Wal = new WalOptions(SegmentSize: 2 * WalFormat.PageSize) });
        Storage = Open();
    }

    public string Directory { get; }

    public AgentOptions Options { get; }

    public AgentStorage Storage { get; private set; }

    public ManualTimeProvider Time { get; }

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Reopen()
    {
        Storage.Dispose();
        Storage = Open();
    }

    public AppendResult Append(string name, long timestampMs, double value) => Append(batch =>
    {
        batch.TimestampMs = timestampMs;
        batch.AddNew(StorageFixture.Series(name), value);
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

    /// <summary>What the actor does every minute, to its end.</summary>
    public void Look() => Storage.Writer.Look().GetAwaiter().GetResult();

    /// <summary>What the actor does at its truncation, at once.</summary>
    public void Truncate()
    {
        Assert.True(Storage.Writer.BeginTruncation());
        while (Storage.Writer.ContinueTruncation())
        {
        }

        if (Storage.Writer.BeginCheckpoint(CancellationToken.None) is { } checkpoint)
        {
            Storage.Writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }
    }

    /// <summary>What remote write would read from the start on: name, time, value.</summary>
    public List<(string Name, long TimestampMs, double Value)> Log()
    {
        var names = new Dictionary<ulong, string>();
        var samples = new List<(string, long, double)>();
        var labels = new LabelsBuilder();
        using var reader = new WalReader(Storage.WalDirectory);
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                for (var series = new SeriesRecordReader(record); series.MoveNext();)
                {
                    series.ReadLabels(labels);
                    names[series.Ref] = labels.ToLabels().Get(Labels.MetricName)!;
                }
            }
            else if ((WalRecordType)record[0] == WalRecordType.Samples)
            {
                for (var entries = new SamplesRecordReader(record); entries.MoveNext();)
                {
                    // A power cut may have taken the series record and left samples.
                    if (names.TryGetValue(entries.Ref, out var name))
                    {
                        samples.Add((name, entries.TimestampMs, entries.Value));
                    }
                }
            }
        }

        Assert.Empty(reader.Damages);
        return samples;
    }

    public void Dispose()
    {
        Storage.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private AgentStorage Open()
    {
        Assert.True(AgentStorage.TryOpen(Options, new MetricsRegistry(), NullLoggerFactory.Instance, Time, out var storage, out var fault), fault);
        Assert.Null(storage.ReplayWith(_files, TestContext.Current.CancellationToken));
        return storage;
    }
}
