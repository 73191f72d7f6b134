using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;

namespace ScrapeCluster.Storage.Queries;

/// <summary>A source without one of its labels; whoever orders the series below leaves the label out too.</summary>
internal sealed class HidingSource(IBlockSource source, string hidden) : IBlockSource
{
    private readonly byte[] _hidden = Encoding.UTF8.GetBytes(hidden);
    private readonly LabelsBuilder _builder = new();

    public Labels Labels => Without(source.Labels);

    public IReadOnlyList<BlockChunk> Chunks => source.Chunks;

    public bool MoveNext() => source.MoveNext();

    public void Dispose() => source.Dispose();

    public Labels Without(Labels labels)
    {
        if (!labels.Has(_hidden))
        {
            return labels;
        }

        _builder.Reset(labels);
        _builder.Delete(_hidden);
        return _builder.ToLabels();
    }
}
