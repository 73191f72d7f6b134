using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>Scrapes of 1,000 known series, 100 targets in turn: half constants, four tenths counters, one tenth noise.</summary>
[MemoryDiagnoser]
public class AppendBenchmarks
{
    private const int Targets = 100;
    private const int SeriesPerTarget = 1000;

    private readonly uint[] _rows = new uint[Targets * SeriesPerTarget];
    private readonly ulong[] _refs = new ulong[Targets * SeriesPerTarget];
    private readonly Random _random = new(1);
    private readonly SampleBatchPool _pool = new();
    private string _directory = "";
    private LocalStorage _storage = null!;
    private HeadBlock _head = null!;
    private long _round;
    private int _target;

    [GlobalSetup]
    public void Setup()
    {
        _directory = Directory.CreateTempSubdirectory("append-bench-").FullName;
        if (!LocalStorage.TryOpen(
            new StorageOptions(_directory), new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out var storage, out var fault)
            || (fault = storage.Replay()) is not null)
        {
            throw new InvalidOperationException(fault);
        }

        _storage = storage;
        _head = storage.Head;
        for (var i = 0; i < _rows.Length; i++)
        {
            _rows[i] = _head.FindOrCreate(
                Labels.Of(("__name__", $"metric_{i % 10}"), ("instance", $"t{i / SeriesPerTarget}"), ("handler", $"/r/{i % SeriesPerTarget}")), out _);
            _refs[i] = _head.Series.Ref(_rows[i]);
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _storage.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = SeriesPerTarget)]
    public void HeadOnly()
    {
        var first = NextTarget();
        for (var i = first; i < first + SeriesPerTarget; i++)
        {
            _head.Append(_rows[i], _round * 1000, Value(i));
        }
    }

    [Benchmark(OperationsPerInvoke = SeriesPerTarget)]
    public AppendResult HeadAndLog()
    {
        var first = NextTarget();
        var batch = _pool.Rent();
        batch.TimestampMs = _round * 1000;
        for (var i = first; i < first + SeriesPerTarget; i++)
        {
            batch.Add(_refs[i], Value(i));
        }

        var result = _storage.Writer.Append(batch);
        _pool.Return(batch);
        return result;
    }

    private int NextTarget()
    {
        if (_target == 0)
        {
            _round++;
            if (_round % 500 == 0)
            {
                DropOld();
            }
        }

        var first = _target * SeriesPerTarget;
        _target = (_target + 1) % Targets;
        return first;
    }

    /// <summary>As the storage does, so that a long run does not fill the memory.</summary>
    private void DropOld()
    {
        var truncation = new HeadTruncation(_head, (_round - 400) * 1000);
        while (truncation.Step())
        {
        }
    }

    private double Value(int series) => (series % 10) switch
    {
        < 5 => series,
        < 9 => series + (_round * (1 + (series % 50))),
        _ => _random.NextDouble() * 1000,
    };
}
