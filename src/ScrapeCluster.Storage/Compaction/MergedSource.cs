using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>One pass of <see cref="BlockMerge"/>. The sources of a series move on only when the next one is asked for, since its chunks lie in them.</summary>
internal sealed class MergedSource : IBlockSource
{
    private readonly List<IBlockSource> _sources = [];
    private readonly PriorityQueue<int, Labels> _waiting = new(LabelsOrder.Instance);
    private readonly List<int> _current = [];
    private readonly ChunkMerge _merge = new();
    private IReadOnlyList<BlockChunk>? _chunks;

    public MergedSource(IReadOnlyList<IBlockInput> inputs)
    {
        try
        {
            foreach (var input in inputs)
            {
                _sources.Add(input.Open());
                _current.Add(_current.Count);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public Labels Labels { get; private set; } = Labels.Empty;

    public IReadOnlyList<BlockChunk> Chunks => _chunks ??= _current.Count == 1 ? _sources[_current[0]].Chunks : Merged();

    public bool MoveNext()
    {
        _chunks = null;
        foreach (var source in _current)
        {
            if (_sources[source].MoveNext())
            {
                _waiting.Enqueue(source, _sources[source].Labels);
            }
        }

        _current.Clear();
        if (!_waiting.TryDequeue(out var first, out var labels))
        {
            return false;
        }

        Labels = labels;
        _current.Add(first);
        while (_waiting.TryPeek(out var next, out var sameLabels) && sameLabels.Equals(labels))
        {
            _waiting.Dequeue();
            _current.Add(next);
        }

        return true;
    }

    public void Dispose()
    {
        foreach (var source in _sources)
        {
            source.Dispose();
        }
    }

    private IReadOnlyList<BlockChunk> Merged()
    {
        _merge.Begin();
        foreach (var source in _current)
        {
            _merge.Add(_sources[source].Chunks, source);
        }

        return _merge.Finish(Labels);
    }
}
