using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Blocks;

/// <summary>What a block should hold, as plain lists; and the input that writes it.</summary>
internal sealed class SeriesModel : IBlockInput
{
    private const byte HistogramEncoding = 2;

    private static readonly string[] _oddValues = ["", "é", "\"quoted\"", "line\nbreak", "日本語", new string('x', 300), "0", "a b", "😀"];

    private readonly SortedDictionary<Labels, List<(long TimeMs, double Value)>> _series = new(LabelsOrder.Instance);

    public IReadOnlyDictionary<Labels, List<(long TimeMs, double Value)>> Series => _series;

    /// <summary>Samples a chunk.</summary>
    public int ChunkSamples { get; init; } = ChunkCut.AimedSamples;

    /// <summary>Chunks of another encoding are put behind those of every series whose number divides by this; 0 = none.</summary>
    public int ForeignEvery { get; init; }

    public long MinMs => _series.Values.Where(samples => samples.Count > 0).Min(samples => samples[0].TimeMs);

    public long EndMs => _series.Values.Where(samples => samples.Count > 0).Max(samples => samples[^1].TimeMs) + 1;

    public int SampleCount => _series.Values.Sum(samples => samples.Count);

    public void Add(Labels labels, params IEnumerable<(long TimeMs, double Value)> samples)
    {
        if (!_series.TryGetValue(labels, out var list))
        {
            _series[labels] = list = [];
        }

        list.AddRange(samples);
    }

    public static SeriesModel Random(int seed, int seriesCount, int maxSamples = 400, int foreignEvery = 0, long startMs = 1_795_000_000_000)
    {
        var random = new Random(seed);
        var model = new SeriesModel { ChunkSamples = random.Next(1, 200), ForeignEvery = foreignEvery };
        for (var i = 0; i < seriesCount; i++)
        {
            model.Add(RandomLabels(random, i), RandomSamples(random, startMs, random.Next(maxSamples)));
        }

        return model;
    }

    public IBlockSource Open() => new Source(this);

    private static Labels RandomLabels(Random random, int number)
    {
        var labels = new LabelsBuilder();
        labels.Set(Labels.MetricName, $"metric_{random.Next(12)}");
        labels.Set("instance", $"10.0.0.{random.Next(5)}:9100");
        labels.Set("unique", $"{number}");
        if (random.Next(3) == 0)
        {
            labels.Set("sometimes", $"{random.Next(100)}");
        }

        if (random.Next(4) == 0)
        {
            labels.Set($"odd{random.Next(3)}", _oddValues[random.Next(_oddValues.Length)]);
        }

        return labels.ToLabels();
    }

    private static IEnumerable<(long TimeMs, double Value)> RandomSamples(Random random, long startMs, int count)
    {
        var timeMs = startMs + random.Next(1000);
        var value = random.Next(1000) / 4.0;
        for (var i = 0; i < count; i++)
        {
            timeMs += random.Next(5) == 0 ? random.Next(1, 100_000) : 15_000;
            value = random.Next(20) switch
            {
                0 => BitConverter.UInt64BitsToDouble(SpecialValues.StaleNaNBits),
                1 => double.NegativeInfinity,
                2 => random.NextDouble() * 1e9,
                < 10 => double.IsFinite(value) ? value + 1 : 0,
                _ => value,
            };
            yield return (timeMs, value);
        }
    }

    private sealed class Source(SeriesModel model) : IBlockSource
    {
        private readonly IEnumerator<KeyValuePair<Labels, List<(long TimeMs, double Value)>>> _series = model._series.GetEnumerator();
        private int _number;

        public Labels Labels => _series.Current.Key;

        public IReadOnlyList<BlockChunk> Chunks
        {
            get
            {
                var samples = _series.Current.Value;
                var chunks = samples.Chunk(model.ChunkSamples).Select(Encode).ToList();
                if (samples.Count > 0 && model.ForeignEvery > 0 && _number % model.ForeignEvery == 0)
                {
                    var lastMs = samples[^1].TimeMs;
                    chunks.Add(new BlockChunk(lastMs, lastMs, HistogramEncoding, new byte[] { 0, 3, 1, 2, 3 }));
                }

                return chunks;
            }
        }

        public bool MoveNext()
        {
            _number++;
            return _series.MoveNext();
        }

        public void Dispose() => _series.Dispose();

        private static BlockChunk Encode((long TimeMs, double Value)[] samples)
        {
            var writer = new XorChunkWriter();
            foreach (var (timeMs, value) in samples)
            {
                writer.Add(timeMs, value);
            }

            var bytes = new byte[writer.LengthBytes];
            writer.Finish(bytes);
            return new BlockChunk(samples[0].TimeMs, samples[^1].TimeMs, ChunkFileFormat.XorEncoding, bytes);
        }
    }
}
