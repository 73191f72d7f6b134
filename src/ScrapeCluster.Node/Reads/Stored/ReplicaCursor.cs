using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// This node's series sorted by their labels without the replica label, then by its value. Leaving a label out of sorted sets does not leave them sorted, so
/// each value is a query of its own, which hides the label, and their answers are merged here. For one thread at a time.
/// </summary>
internal sealed class ReplicaCursor : IDisposable
{
    private readonly List<(string Replica, SeriesCursor Series)> _waiting = [];
    private int _current = -1;

    private ReplicaCursor()
    {
    }

    public Labels Labels => _waiting[_current].Series.Labels;

    public string Replica => _waiting[_current].Replica;

    /// <summary>Borrowed, see <see cref="SeriesCursor.Chunks"/>.</summary>
    public IReadOnlyList<BlockChunk> Chunks => _waiting[_current].Series.Chunks;

    public static ReplicaCursor Open(StorageQuery query, Selection selection, ReplicaLabel replica, QueryLimits limits)
    {
        var cursor = new ReplicaCursor();
        try
        {
            if (replica.IsNone)
            {
                cursor.Add("", query.Open(selection, limits));
            }
            else if (replica.Without(selection.Matchers) is { } visible)
            {
                foreach (var value in query.LabelValues(replica.Name, visible, selection.MinMs, selection.MaxMs).Append("").Order(Comparer<string>.Create(ReplicaLabel.Compare)))
                {
                    var ofValue = selection with { Matchers = [.. visible, LabelMatcher.Equal(replica.Name, value)], HiddenLabel = replica.Name };
                    cursor.Add(value, query.Open(ofValue, limits));
                }
            }

            return cursor;
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    public bool MoveNext()
    {
        if (_current >= 0)
        {
            Advance(_current);
        }

        _current = -1;
        for (var i = 0; i < _waiting.Count; i++)
        {
            // The earlier one of equal labels: it has the lower replica.
            if (_current < 0 || LabelsOrder.Instance.Compare(_waiting[i].Series.Labels, _waiting[_current].Series.Labels) < 0)
            {
                _current = i;
            }
        }

        return _current >= 0;
    }

    public void Dispose() => _waiting.ForEach(waiting => waiting.Series.Dispose());

    private void Add(string replica, SeriesCursor series)
    {
        _waiting.Add((replica, series));
        Advance(_waiting.Count - 1);
    }

    private void Advance(int index)
    {
        if (!_waiting[index].Series.MoveNext())
        {
            _waiting[index].Series.Dispose();
            _waiting.RemoveAt(index);
        }
    }
}
