using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// Brings the chunks of one series from several inputs into one list in order of time. Chunks that overlap no other are passed on as they are;
/// of equal ones one; others that overlap are decoded, merged and cut anew. Of samples at the same time the one of the latest input stays.
/// Chunks that are not XOR cannot be merged here: where one overlaps another, all stay as they are, so that nothing is lost.
/// </summary>
internal sealed class ChunkMerge
{
    private readonly ChunkBuffer _buffer = new();
    private readonly List<(BlockChunk Chunk, int Input)> _chunks = [];
    private readonly List<(BlockChunk Chunk, int Input)> _run = [];
    private readonly List<(long TimestampMs, int Input, double Value)> _samples = [];
    private readonly List<BlockChunk> _merged = [];

    public void Begin()
    {
        _buffer.Clear();
        _chunks.Clear();
    }

    /// <param name="input">Its place among the inputs.</param>
    public void Add(IReadOnlyList<BlockChunk> chunks, int input)
    {
        foreach (var chunk in chunks)
        {
            _chunks.Add((chunk, input));
        }
    }

    /// <summary>Valid as long as the chunks that were added, and until <see cref="Begin"/>.</summary>
    /// <exception cref="IOException">A chunk that had to be decoded is damaged; names the series.</exception>
    public IReadOnlyList<BlockChunk> Finish(Labels labels)
    {
        _merged.Clear();
        _chunks.Sort(static (left, right) =>
        {
            var byTime = left.Chunk.MinMs.CompareTo(right.Chunk.MinMs);
            return byTime != 0 ? byTime : left.Input.CompareTo(right.Input);
        });
        for (var next = 0; next < _chunks.Count;)
        {
            next = TakeRun(next);
            if (_run.Count == 1)
            {
                _merged.Add(_run[0].Chunk);
            }
            else if (_run.TrueForAll(static taken => taken.Chunk.Encoding == ChunkFileFormat.XorEncoding))
            {
                MergeRun(labels);
            }
            else
            {
                _merged.AddRange(_run.Select(static taken => taken.Chunk));
            }
        }

        return _merged;
    }

    /// <summary>Takes the chunks from <paramref name="next"/> on that overlap with one another, equal ones once; returns the place behind them.</summary>
    private int TakeRun(int next)
    {
        _run.Clear();
        var maxMs = _chunks[next].Chunk.MaxMs;
        for (; next < _chunks.Count && (_run.Count == 0 || _chunks[next].Chunk.MinMs <= maxMs); next++)
        {
            var taken = _chunks[next];
            if (!IsTaken(taken.Chunk))
            {
                _run.Add(taken);
            }

            maxMs = Math.Max(maxMs, taken.Chunk.MaxMs);
        }

        return next;
    }

    private bool IsTaken(in BlockChunk chunk)
    {
        for (var i = _run.Count - 1; i >= 0 && _run[i].Chunk.MinMs == chunk.MinMs; i--)
        {
            var other = _run[i].Chunk;
            if (other.MaxMs == chunk.MaxMs && other.Encoding == chunk.Encoding && other.Data.Span.SequenceEqual(chunk.Data.Span))
            {
                return true;
            }
        }

        return false;
    }

    private void MergeRun(Labels labels)
    {
        _samples.Clear();
        foreach (var (chunk, input) in _run)
        {
            Decode(chunk, input, labels);
        }

        _samples.Sort(static (left, right) =>
        {
            var byTime = left.TimestampMs.CompareTo(right.TimestampMs);
            return byTime != 0 ? byTime : left.Input.CompareTo(right.Input);
        });
        for (var i = 0; i < _samples.Count; i++)
        {
            if (i + 1 == _samples.Count || _samples[i].TimestampMs != _samples[i + 1].TimestampMs)
            {
                _buffer.Encode(_samples[i].TimestampMs, _samples[i].Value, _merged);
            }
        }

        _buffer.EndChunk(_merged);
    }

    private void Decode(in BlockChunk chunk, int input, Labels labels)
    {
        var samples = XorChunk.Read(chunk.Data.Span);
        while (samples.MoveNext())
        {
            _samples.Add((samples.TimestampMs, input, samples.Value));
        }

        if (samples.Failed)
        {
            throw new IOException($"a chunk of {labels} from {chunk.MinMs} to {chunk.MaxMs} ms cannot be decoded");
        }
    }
}
