namespace ScrapeCluster.Storage.Agent;

/// <summary>One pass that forgets the series whose last sample is older than a time, in steps short enough to run between two scrapes.</summary>
internal sealed class AgentTruncation(AgentSeries series, long minMs)
{
    private const int RowsPerStep = 65_536;

    private uint _next = 1;

    public long MinMs => minMs;

    /// <summary>References of the series that are gone.</summary>
    public List<ulong> Collected { get; } = [];

    /// <summary>Does a part; false when all is done.</summary>
    public bool Step()
    {
        var end = Math.Min(_next + RowsPerStep, series.End);
        for (; _next < end; _next++)
        {
            if (series.Ref(_next) is not 0 and var seriesRef && series.LastMs(_next) < minMs)
            {
                series.Remove(_next);
                Collected.Add(seriesRef);
            }
        }

        return _next < series.End;
    }
}
