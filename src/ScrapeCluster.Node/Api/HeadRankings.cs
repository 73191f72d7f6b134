using System.Text;
using System.Text.Json;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// The four rankings of <c>/api/v1/status/tsdb</c>, counted over the label sets of the head; a look at a million series takes a second
/// or two, so the path is for people, not for polling.
/// </summary>
internal sealed class HeadRankings
{
    private readonly Dictionary<string, long> _seriesByMetric = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _valuesByLabel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _bytesByLabel = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _seriesByPair = new(StringComparer.Ordinal);
    private readonly int _limit;

    private HeadRankings(int limit)
    {
        _limit = limit;
    }

    public static HeadRankings Read(HeadQuery query, int limit)
    {
        var rankings = new HeadRankings(limit);
        foreach (var labels in query.Series([]))
        {
            rankings.Count(labels);
        }

        return rankings;
    }

    public void Write(Utf8JsonWriter json)
    {
        WriteRanking(json, "seriesCountByMetricName", _seriesByMetric);
        WriteRanking(json, "labelValueCountByLabelName", _valuesByLabel.ToDictionary(label => label.Key, label => (long)label.Value.Count));
        WriteRanking(json, "memoryInBytesByLabelName", _bytesByLabel);
        WriteRanking(json, "seriesCountByLabelValuePair", _seriesByPair);
    }

    private void Count(Labels labels)
    {
        foreach (var (name, value) in labels.ToPairs())
        {
            if (name == Labels.MetricName)
            {
                Add(_seriesByMetric, value, 1);
            }

            if (!_valuesByLabel.TryGetValue(name, out var values))
            {
                _valuesByLabel[name] = values = new HashSet<string>(StringComparer.Ordinal);
            }

            if (values.Add(value))
            {
                Add(_bytesByLabel, name, Encoding.UTF8.GetByteCount(value));
            }

            Add(_seriesByPair, $"{name}={value}", 1);
        }
    }

    private static void Add(Dictionary<string, long> counts, string name, long count)
    {
        counts[name] = counts.GetValueOrDefault(name) + count;
    }

    private void WriteRanking(Utf8JsonWriter json, string property, Dictionary<string, long> counts)
    {
        json.WriteStartArray(property);
        foreach (var (name, value) in counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal).Take(_limit))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("value", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
