using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Head;
using ScrapeCluster.Storage.Index;

namespace ScrapeCluster.Storage.Queries;

/// <summary>
/// Finds the rows that a selector means. The matcher with the fewest series gives the candidates; the others are checked on
/// each candidate's label ids, every value at most once. A matcher that matches the empty value also selects series
/// without the label. Made for one query, under one reader epoch.
/// </summary>
internal sealed class SeriesFilter
{
    private readonly HeadBlock _head;
    private readonly Condition[] _conditions;
    private readonly Condition? _narrowest;

    private SeriesFilter(HeadBlock head, IReadOnlyList<LabelMatcher> matchers)
    {
        _head = head;
        _conditions = [.. matchers.Select(matcher => new Condition(head.Labels, matcher))];
        _narrowest = _conditions.Where(condition => !condition.MatchesEmpty).MinBy(condition => condition.RowCount);
    }

    public static IEnumerable<uint> Rows(HeadBlock head, IReadOnlyList<LabelMatcher> matchers)
    {
        var filter = new SeriesFilter(head, matchers);
        return filter.Candidates().Where(filter.Accepts);
    }

    private IEnumerable<uint> Candidates()
    {
        if (_narrowest is null)
        {
            var end = _head.Series.End;
            for (var row = 1u; row < end; row++)
            {
                yield return row;
            }

            yield break;
        }

        foreach (var pair in _narrowest.Pairs)
        {
            var rows = pair.Snapshot;
            for (var i = 0; i < rows.Length; i++)
            {
                yield return rows.Span[i];
            }
        }
    }

    private bool Accepts(uint row)
    {
        ref var series = ref _head.Series.Row(row);
        var count = Volatile.Read(ref series.LabelCount);
        if (count == 0)
        {
            return false;
        }

        var ids = _head.Runs.Read(series.LabelsAt, count);
        foreach (var condition in _conditions)
        {
            if (condition != _narrowest && !condition.Accepts(_head.Labels, ids))
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Condition
    {
        private readonly LabelMatcher _matcher;
        private readonly Dictionary<uint, bool> _checked = [];

        public Condition(LabelIndex labels, LabelMatcher matcher)
        {
            _matcher = matcher;
            if (!MatchesEmpty)
            {
                FindPairs(labels);
            }
        }

        public bool MatchesEmpty => _matcher.MatchesEmpty;

        public List<LabelPair> Pairs { get; } = [];

        public long RowCount { get; private set; }

        public bool Accepts(LabelIndex labels, ReadOnlySpan<uint> ids)
        {
            foreach (var id in ids)
            {
                // Only pairs of this matcher's own label are kept here, so an answer found is the answer.
                if (_checked.TryGetValue(id, out var known))
                {
                    return known;
                }

                var pair = labels[id];
                if (_matcher.NameBytes.Span.SequenceEqual(pair.Name.Name))
                {
                    return _checked[id] = _matcher.Matches(pair.Value);
                }
            }

            return MatchesEmpty;
        }

        private void FindPairs(LabelIndex labels)
        {
            if (_matcher.OnlyValues is { } values)
            {
                foreach (var value in values.Distinct(StringComparer.Ordinal))
                {
                    if (labels.FindPair(_matcher.NameBytes.Span, Encoding.UTF8.GetBytes(value)) is { } pair)
                    {
                        Add(pair);
                    }
                }

                return;
            }

            foreach (var (value, pair) in labels.FindName(_matcher.NameBytes.Span)?.Values ?? [])
            {
                if (_matcher.Matches(value.AsSpan()))
                {
                    Add(pair);
                }
            }
        }

        private void Add(LabelPair pair)
        {
            Pairs.Add(pair);
            RowCount += pair.Rows.Length;
        }
    }
}
