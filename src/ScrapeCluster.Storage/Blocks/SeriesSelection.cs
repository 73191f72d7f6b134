using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>
/// Finds the series of a block that a selector means, by Prometheus's rules: a matcher that accepts the empty value also selects series without
/// the label. A matcher is either applied to what was found so far by the series lists of its values, or left to be asked about each series in the end:
/// whichever reads less. So the one with the fewest series comes first, and those that have to look at all values of their label last. For one selector.
/// </summary>
internal sealed class SeriesSelection(IndexCursor index)
{
    /// <summary>To read a series costs about as much as to read so many entries of a list.</summary>
    private const int EntriesPerSeries = 256;

    private readonly SeriesChecks _checks = new(index);

    /// <summary>Null while nothing limits them.</summary>
    private uint[]? _found;

    private bool IsEmpty => _found is { Length: 0 };

    /// <summary>Series numbers, ascending.</summary>
    public uint[] Select(IReadOnlyList<LabelMatcher> matchers)
    {
        var known = new List<(LabelMatcher Matcher, LabelRange Range)>();
        foreach (var matcher in matchers)
        {
            if (!matcher.NameBytes.IsEmpty && index.Index.Postings.TryFindName(matcher.NameBytes.Span, out var range))
            {
                known.Add((matcher, range));
            }
            else if (!matcher.MatchesEmpty)
            {
                return [];
            }
        }

        KeepThoseOfNamedValues(known);
        RemoveThoseOfNamedValues(known);
        LookAtValues(known);
        return IsEmpty ? [] : _checks.Filter(_found ?? index.AllSeries());
    }

    /// <summary><c>=</c>, and <c>=~</c> with nothing but a list of values: the lists are looked up.</summary>
    private void KeepThoseOfNamedValues(List<(LabelMatcher Matcher, LabelRange Range)> known)
    {
        var lists = known
            .Where(entry => !entry.Matcher.MatchesEmpty && entry.Matcher.OnlyValues is not null)
            .Select(entry => ListsOf(entry.Matcher, entry.Range, entry.Matcher.OnlyValues!))
            .OrderBy(lists => lists.SeriesCount);
        foreach (var list in lists)
        {
            if (IsEmpty)
            {
                return;
            }

            if (IsBetterChecked(list))
            {
                _checks.Add(list.Matcher);
            }
            else
            {
                KeepOnly(Join(list.Places));
            }
        }
    }

    /// <summary><c>!=</c>: away with the series that have the value.</summary>
    private void RemoveThoseOfNamedValues(List<(LabelMatcher Matcher, LabelRange Range)> known)
    {
        foreach (var (matcher, range) in known.Where(entry => entry.Matcher is { Op: MatchOp.NotEqual, MatchesEmpty: true }))
        {
            var list = ListsOf(matcher, range, [matcher.Value]);
            if (IsBetterChecked(list))
            {
                _checks.Add(matcher);
            }
            else if (!IsEmpty)
            {
                Remove(Join(list.Places));
            }
        }
    }

    /// <summary>The others have to be asked about values: about those of the series found, or about all.</summary>
    private void LookAtValues(List<(LabelMatcher Matcher, LabelRange Range)> known)
    {
        var others = known.Where(entry => entry.Matcher.MatchesEmpty ? entry.Matcher.Op != MatchOp.NotEqual : entry.Matcher.OnlyValues is null);
        foreach (var (matcher, range) in others.OrderBy(entry => entry.Matcher.MatchesEmpty))
        {
            if (_found is not null && _found.Length <= range.ValueCount)
            {
                _checks.Add(matcher);
            }
            else if (matcher.MatchesEmpty)
            {
                Remove(SeriesWhere(range, matcher, accepted: false));
            }
            else
            {
                KeepOnly(SeriesWhere(range, matcher, accepted: true));
            }
        }
    }

    private (LabelMatcher Matcher, List<long> Places, long SeriesCount) ListsOf(LabelMatcher matcher, LabelRange range, IReadOnlyList<string> values)
    {
        var places = new List<long>();
        var count = 0L;
        foreach (var value in values.Distinct(StringComparer.Ordinal))
        {
            if (index.TryFindPostings(range, Encoding.UTF8.GetBytes(value), out var place))
            {
                places.Add(place);
                count += index.CountPostings(place);
            }
        }

        return (matcher, places, count);
    }

    private bool IsBetterChecked((LabelMatcher Matcher, List<long> Places, long SeriesCount) lists)
    {
        return _found is not null && lists.SeriesCount > (long)_found.Length * EntriesPerSeries;
    }

    private uint[] Join(List<long> places)
    {
        var series = new PostingsBuffer();
        foreach (var place in places)
        {
            index.ReadPostings(place, series);
        }

        return series.ToSorted();
    }

    private uint[] SeriesWhere(LabelRange range, LabelMatcher matcher, bool accepted)
    {
        var series = new PostingsBuffer();
        using var values = index.Values(range);
        while (values.MoveNext())
        {
            var isWanted = matcher.Matches(values.TakeValue()) == accepted;
            var place = values.TakePostings();
            if (isWanted)
            {
                index.ReadPostings(place, series);
            }
        }

        return series.ToSorted();
    }

    private void KeepOnly(uint[] series) => _found = _found is null ? series : SortedNumbers.Intersect(_found, series);

    private void Remove(uint[] series)
    {
        if (series.Length > 0)
        {
            _found = SortedNumbers.Except(_found ?? index.AllSeries(), series);
        }
    }
}
