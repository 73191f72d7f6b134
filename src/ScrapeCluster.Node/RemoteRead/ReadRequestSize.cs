namespace ScrapeCluster.Node.RemoteRead;

/// <summary>
/// How much a request asks for. Counted over its bytes before it is decoded: the smallest query or matcher takes two bytes there, and some hundred as an object.
/// Prometheus, whose requests have one query each, is far below.
/// </summary>
internal static class ReadRequestSize
{
    public const int MaxQueries = 1_000;
    public const int MaxMatchers = 10_000;
    private const int MaxOthers = 10_000;

    private const int QueriesField = 1;
    private const int MatchersField = 3;
    private const int HintsField = 4;

    /// <summary>Null when it is not too much.</summary>
    public static string? FaultOf(ReadOnlySpan<byte> request)
    {
        var (queries, matchers, others) = (0, 0, 0);
        var fields = new WireScanner(request);
        while (fields.MoveNext())
        {
            if (fields.Field != QueriesField)
            {
                others += 1 + fields.Bytes.Length;
                continue;
            }

            queries++;
            var query = new WireScanner(fields.Bytes);
            while (query.MoveNext())
            {
                matchers += query.Field == MatchersField ? 1 : 0;
                others += query.Field == HintsField ? CountOf(query.Bytes) : 0;
            }

            if (queries > MaxQueries)
            {
                return $"the request has more than {MaxQueries} queries: ask in several requests";
            }

            if (matchers > MaxMatchers)
            {
                return $"the request has more than {MaxMatchers} matchers: name values in one matcher, such as =~\"a|b\"";
            }
        }

        return others > MaxOthers ? $"the request has more than {MaxOthers} response types and hints" : null;
    }

    private static int CountOf(ReadOnlySpan<byte> message)
    {
        var count = 0;
        var fields = new WireScanner(message);
        while (fields.MoveNext())
        {
            count++;
        }

        return count;
    }
}
