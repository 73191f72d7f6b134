using System.Diagnostics.CodeAnalysis;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Reads;
using ScrapeCluster.Node.RemoteRead.Wire;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.RemoteRead;

/// <summary>The queries of a remote read as questions for stored series. Pure.</summary>
internal static class ReadQuestions
{
    /// <summary>The function of a query that wants series without samples.</summary>
    private const string SeriesOnly = "series";

    public static bool TryMake(
        ReadRequest request,
        ExternalLabels external,
        QueryLimits limits,
        [NotNullWhen(true)] out IReadOnlyList<StoredQuestion>? questions,
        [NotNullWhen(false)] out ReadFault? fault)
    {
        var made = new List<StoredQuestion>();
        var budget = new PatternBudget();
        questions = made;
        fault = null;
        foreach (var query in request.Queries)
        {
            if (!TryReadMatchers(query, external, ref budget, out var matchers, out fault))
            {
                questions = null;
                return false;
            }

            made.Add(QuestionOf(query, matchers, limits));
        }

        return true;
    }

    /// <summary>
    /// Hints are narrower than the query, which says what the reader would have with other functions too; samples are given for the hints alone, as by
    /// Prometheus (tsdb/querier.go).
    /// </summary>
    private static StoredQuestion QuestionOf(Query query, IReadOnlyList<Model.LabelMatcher> matchers, QueryLimits limits)
    {
        var hints = query.Hints;
        return new StoredQuestion(
            matchers,
            hints is null ? query.StartTimestampMs : Math.Max(query.StartTimestampMs, hints.StartMs),
            hints is null ? query.EndTimestampMs : Math.Min(query.EndTimestampMs, hints.EndMs))
        {
            IsOfLabels = hints?.Func == SeriesOnly,
            Limits = limits,
        };
    }

    private static bool TryReadMatchers(
        Query query, ExternalLabels external, ref PatternBudget budget, out IReadOnlyList<Model.LabelMatcher> matchers, [NotNullWhen(false)] out ReadFault? fault)
    {
        var read = new List<Model.LabelMatcher>();
        matchers = read;
        fault = null;
        foreach (var given in query.Matchers)
        {
            // As Prometheus answers both (storage/remote/read_handler.go), though the request is to blame.
            if (!Enum.IsDefined(given.Type))
            {
                fault = ReadFault.Failed("invalid matcher type");
                return false;
            }

            // The numbers are the same.
            if (!Model.LabelMatcher.TryCreate(given.Name, (MatchOp)given.Type, given.Value, out var matcher, out var wrong))
            {
                fault = ReadFault.Failed(wrong);
                return false;
            }

            if (budget.Take(matcher) is { } tooMuch)
            {
                fault = ReadFault.BadRequest(tooMuch);
                return false;
            }

            read.Add(external.ToStored(matcher));
        }

        return true;
    }
}
