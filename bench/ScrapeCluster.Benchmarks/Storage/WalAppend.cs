using BenchmarkDotNet.Attributes;
using ScrapeCluster.Storage.Compression;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>One scrape of 1,000 series into the log: encode, snappy, checksum, one write. Times are per sample.</summary>
[MemoryDiagnoser]
public class WalAppend
{
    private const int Series = 1_000;

    private readonly string _directory = Directory.CreateTempSubdirectory("wal-bench-").FullName;
    private readonly ulong[] _refs = new ulong[Series];
    private readonly double[] _values = new double[Series];
    private readonly WalBatch _batch = new();
    private readonly SnappyEncoder _snappy = new();
    private readonly byte[] _block = new byte[SnappyEncoder.MaxLength(64 * 1024)];
    private readonly Random _random = new(1);
    private WalWriter? _writer;
    private byte[] _record = [];
    private long _timestampMs;

    [GlobalSetup]
    public void Setup()
    {
        _writer = WalWriter.Open(_directory);
        for (var i = 0; i < Series; i++)
        {
            _refs[i] = 4_000 + (ulong)i;
            _values[i] = i % 3 == 0 ? _random.Next(1_000_000) : i % 3 == 1 ? _random.NextDouble() : i;
        }

        _batch.AddSamples(_refs, _values, 1);
        _record = _batch.Record(0).ToArray();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _writer!.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark(OperationsPerInvoke = Series)]
    public void Append()
    {
        _batch.Clear();
        _values[_timestampMs % Series]++;
        _batch.AddSamples(_refs, _values, _timestampMs++);
        if (_writer!.Append(_batch) is { } fault)
        {
            throw new IOException(fault.ToString());
        }
    }

    [Benchmark(OperationsPerInvoke = Series)]
    public int Snappy() => _snappy.Encode(_record, _block);

    [Benchmark(OperationsPerInvoke = Series)]
    public int IronSnappyEncode() => IronSnappy.Snappy.Encode(_record).Length;

    [Benchmark(OperationsPerInvoke = Series)]
    public uint Checksum() => WalChecksum.Compute(_record);
}
