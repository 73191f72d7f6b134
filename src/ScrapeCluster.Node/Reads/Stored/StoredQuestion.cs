using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Reads;

/// <summary>Which stored series are asked for, of every node alike; see <see cref="Selection"/>. The replica label is hidden from the matchers.</summary>
internal sealed record StoredQuestion(IReadOnlyList<LabelMatcher> Matchers, long MinMs, long MaxMs)
{
    public bool IsOfLabels { get; init; }

    public QueryLimits Limits { get; init; }

    public StoredAsked ToWire() => new()
    {
        Matchers = { Matchers.Select(matcher => new MatcherMessage { Name = matcher.Name, Op = (int)matcher.Op, Value = matcher.Value }) },
        MinMs = MinMs,
        MaxMs = MaxMs,
        LabelsOnly = IsOfLabels,
        MaxSeries = Limits.MaxSeries,
        MaxSamples = Limits.MaxSamples,
    };

    /// <exception cref="InvalidDataException">A matcher is none.</exception>
    public static StoredQuestion FromWire(StoredAsked asked) => new([.. asked.Matchers.Select(MatcherOf)], asked.MinMs, asked.MaxMs)
    {
        IsOfLabels = asked.LabelsOnly,
        Limits = new QueryLimits(asked.MaxSeries, asked.MaxSamples),
    };

    private static LabelMatcher MatcherOf(MatcherMessage message)
    {
        if (!Enum.IsDefined((MatchOp)message.Op))
        {
            throw new InvalidDataException($"matcher of {message.Name}: there is no operator {message.Op}");
        }

        return LabelMatcher.TryCreate(message.Name, (MatchOp)message.Op, message.Value, out var matcher, out var fault)
            ? matcher
            : throw new InvalidDataException($"matcher of {message.Name}: {fault}");
    }
}
