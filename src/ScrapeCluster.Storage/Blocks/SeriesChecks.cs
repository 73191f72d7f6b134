using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>Matchers that are asked about the labels of single series; each about each value once.</summary>
internal sealed class SeriesChecks(IndexCursor index)
{
    private readonly List<Check> _checks = [];
    private readonly SeriesEntry _entry = new();

    public void Add(LabelMatcher matcher) => _checks.Add(new Check(matcher, index));

    public uint[] Filter(uint[] series) => _checks.Count == 0 ? series : Array.FindAll(series, Accepts);

    private bool Accepts(uint series)
    {
        index.ReadSeries(series, _entry);
        foreach (var check in _checks)
        {
            if (!check.Accepts(_entry.Labels))
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Check(LabelMatcher matcher, IndexCursor index)
    {
        private readonly Dictionary<uint, bool> _answers = [];
        private readonly uint? _name = index.TryFindSymbol(matcher.NameBytes.Span, out var name) ? name : null;

        public bool Accepts(List<(uint Name, uint Value)> labels)
        {
            foreach (var (name, value) in labels)
            {
                if (name == _name)
                {
                    return _answers.TryGetValue(value, out var known) ? known : _answers[value] = matcher.Matches(index.Symbol(value).AsSpan());
                }
            }

            return matcher.MatchesEmpty;
        }
    }
}
