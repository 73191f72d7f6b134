using System.Diagnostics;
using System.Globalization;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>
/// <c>blocks [series]</c>: writes a two-hour block with one chunk a series, opens it, asks it and reads all of it. Processor time, since the disk's share differs
/// from machine to machine; memory is that of the process.
/// </summary>
internal static class BlockMode
{
    private const long StartMs = 1_795_000_000_000;
    private const long IntervalMs = 60_000;
    private const int Samples = 120;

    public static void Run(int seriesCount)
    {
        var folder = Directory.CreateTempSubdirectory("blocks-").FullName;
        try
        {
            Measure(folder, new GeneratedSeries(seriesCount));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string folder, GeneratedSeries input)
    {
        var id = Ulid.New(StartMs, new Random(1));
        Step("the source alone, twice", () =>
        {
            Walk(input, withChunks: false);
            return Walk(input, withChunks: true);
        });
        Step("written", () => new BlockWriter(DiskFiles.Instance).Write(folder, BlockHeader.OfHead(id, StartMs, StartMs + (Samples * IntervalMs)), input, default)!.Stats.Series);

        Block? block = null;
        Step("opened", () => (block = Block.Open(Path.Combine(folder, id.ToString()))).Bytes);
        using (block)
        {
            using (var reader = block!.TryRead()!)
            {
                var query = new BlockQuery(reader);
                Step("one series of one name", () => reader.Select([Equal("__name__", "metric_000017"), Equal("instance", "10.0.0.000003:9100")]).Length);
                Step("all series of one name", () => reader.Select([Equal("__name__", "metric_000017")]).Length);
                Step("their samples", () => query.Select([Equal("__name__", "metric_000017")]).Sum(series => series.Values.Length));
                Step("a regex over all values", () => reader.Select([Regex("instance", "10\\..*7:9100")]).Length);
                Step("the values of a label", () => reader.LabelValues("unique").Count);
            }

            Step("read whole, for a merge", () => Walk(new BlockInput(block), withChunks: true));
        }
    }

    private static long Walk(IBlockInput input, bool withChunks)
    {
        using var source = input.Open();
        var labels = 0L;
        while (source.MoveNext())
        {
            labels += source.Labels.Count;
            _ = withChunks ? source.Chunks : null;
        }

        return labels;
    }

    private static LabelMatcher Equal(string name, string value) => LabelMatcher.Equal(name, value);

    private static LabelMatcher Regex(string name, string pattern)
    {
        return LabelMatcher.TryCreate(name, MatchOp.Regex, pattern, out var matcher, out var fault) ? matcher : throw new ArgumentException(fault);
    }

    private static void Step(string what, Func<long> run)
    {
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var result = run();
        process.Refresh();
        var milliseconds = (process.TotalProcessorTime - before).TotalMilliseconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-26} {milliseconds,8:F0} ms  resident {process.WorkingSet64 >> 20,4} MB, peak {process.PeakWorkingSet64 >> 20,4} MB  ({result})"));
    }

    /// <summary>Series in order, ten labels each: 500 names, one label that is different everywhere.</summary>
    private sealed class GeneratedSeries(int count) : IBlockInput
    {
        private static readonly BlockChunk _chunk = Chunk();

        public IBlockSource Open() => new Source(count);

        private static BlockChunk Chunk()
        {
            var writer = new XorChunkWriter();
            var random = new Random(1);
            for (var i = 0; i < Samples; i++)
            {
                writer.Add(StartMs + (i * IntervalMs), random.Next(100));
            }

            var bytes = new byte[writer.LengthBytes];
            writer.Finish(bytes);
            return new BlockChunk(StartMs, StartMs + ((Samples - 1) * IntervalMs), ChunkFileFormat.XorEncoding, bytes);
        }

        private sealed class Source(int count) : IBlockSource
        {
            private readonly int _ofOneName = Math.Max(1, count / 500);
            private int _next;

            public Labels Labels { get; private set; } = Labels.Empty;

            public IReadOnlyList<BlockChunk> Chunks { get; } = [_chunk];

            public bool MoveNext()
            {
                if (_next == count)
                {
                    return false;
                }

                var (name, instance) = Math.DivRem(_next++, _ofOneName);
                Labels = Labels.Of(
                    ("__name__", $"metric_{name:D6}"), ("cpu", "1"), ("env", "production"), ("instance", $"10.0.0.{instance:D6}:9100"), ("job", "node"),
                    ("mode", "idle"), ("region", "eu-west-1"), ("team", "infrastructure"), ("unique", $"{unchecked((uint)_next * 2654435761):x8}"), ("version", "1.2.3"));
                return true;
            }

            public void Dispose()
            {
            }
        }
    }
}
