using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// The series of all nodes as one answer: sorted by labels, each once, read one by one. Until <see cref="Seal"/> a node that breaks off joins the missing
/// ones and what it gave so far stays; from then on it ends the answer, since nobody could be told any more.
/// </summary>
internal sealed class StoredAnswer(IReadOnlyList<SeriesStream> streams, IReadOnlyList<MissingNode> missing, TimeSpan unknownInterval, Counter missed) : IAsyncDisposable
{
    private readonly List<SeriesStream> _waiting = [.. streams];
    private readonly List<MissingNode> _missing = [.. missing];
    private readonly List<FoundSeries> _parts = [];
    private bool _hasBegun;
    private bool _isSealed;

    public IReadOnlyList<MissingNode> Missing => _missing;

    public Labels Labels { get; private set; } = Labels.Empty;

    /// <summary>In order of time; none where only labels were asked for.</summary>
    public IReadOnlyList<BlockChunk> Chunks { get; private set; } = [];

    /// <summary>Who is missing has been told.</summary>
    public void Seal() => _isSealed = true;

    /// <exception cref="SeriesStreamBrokenException">A node broke off after <see cref="Seal"/>, or this one cannot read what it stored.</exception>
    /// <exception cref="IOException">Samples that are to be merged cannot be decoded.</exception>
    /// <exception cref="QueryLimitException">A node has more than was allowed.</exception>
    public async ValueTask<bool> MoveNextAsync()
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            for (var i = _waiting.Count - 1; i >= 0; i--)
            {
                await AdvanceAsync(_waiting[i]);
            }
        }

        if (First() is not { } first)
        {
            return false;
        }

        _parts.Clear();
        Labels = first;
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var stream = _waiting[i];

            // More than once where a node has several replicas of the series.
            while (stream.Current is { } part && part.Labels.Equals(Labels))
            {
                _parts.Add(part);
                await AdvanceAsync(stream);
            }
        }

        Chunks = SlotMerge.Merge(_parts, unknownInterval);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    private Labels? First()
    {
        Labels? first = null;
        foreach (var stream in _waiting)
        {
            var labels = stream.Current!.Labels;
            first = first is null || LabelsOrder.Instance.Compare(labels, first) < 0 ? labels : first;
        }

        return first;
    }

    private async ValueTask AdvanceAsync(SeriesStream stream)
    {
        try
        {
            if (!await stream.MoveNextAsync())
            {
                _waiting.Remove(stream);
            }
        }
        catch (SeriesStreamBrokenException e) when (stream != streams[0] && !_isSealed)
        {
            _waiting.Remove(stream);
            _missing.Add(new MissingNode(stream.Node, e.Message));
            missed.Inc();
        }
    }
}
