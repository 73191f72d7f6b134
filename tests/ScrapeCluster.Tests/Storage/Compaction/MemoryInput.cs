using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Tests.Storage.Compaction;

/// <summary>Series that are given, as a block's input. Data of chunks is overwritten when the source moves on, as the contract allows.</summary>
internal sealed class MemoryInput : IBlockInput
{
    private readonly SortedDictionary<Labels, List<BlockChunk>> _series = new(LabelsOrder.Instance);

    public int Opened { get; private set; }

    public int Disposed { get; private set; }

    public MemoryInput Add(Labels labels, params ReadOnlySpan<BlockChunk> chunks)
    {
        if (!_series.TryGetValue(labels, out var known))
        {
            _series[labels] = known = [];
        }

        known.AddRange(chunks);
        return this;
    }

    public MemoryInput Add(string name, params ReadOnlySpan<BlockChunk> chunks) => Add(StorageFixture.Series(name), chunks);

    public static BlockChunk Chunk(params ReadOnlySpan<(long TimestampMs, double Value)> samples)
    {
        var writer = new XorChunkWriter();
        foreach (var (timestampMs, value) in samples)
        {
            writer.Add(timestampMs, value);
        }

        var (minMs, maxMs, data) = (writer.MinMs, writer.MaxMs, new byte[writer.LengthBytes]);
        writer.Finish(data);
        return new BlockChunk(minMs, maxMs, ChunkFileFormat.XorEncoding, data);
    }

    public IBlockSource Open()
    {
        Opened++;
        return new Source(this);
    }

    private sealed class Source(MemoryInput input) : IBlockSource
    {
        private readonly IEnumerator<KeyValuePair<Labels, List<BlockChunk>>> _series = input._series.GetEnumerator();
        private readonly List<byte[]> _borrowed = [];

        public Labels Labels => _series.Current.Key;

        public IReadOnlyList<BlockChunk> Chunks => [.. _series.Current.Value.Select(chunk => chunk with { Data = Borrow(chunk.Data) })];

        public bool MoveNext()
        {
            _borrowed.ForEach(static data => data.AsSpan().Fill(0xee));
            _borrowed.Clear();
            return _series.MoveNext();
        }

        public void Dispose()
        {
            input.Disposed++;
            _series.Dispose();
        }

        private ReadOnlyMemory<byte> Borrow(ReadOnlyMemory<byte> data)
        {
            var copy = data.ToArray();
            _borrowed.Add(copy);
            return copy;
        }
    }
}
