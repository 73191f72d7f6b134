using System.Globalization;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>One line of the table in docs/cluster-behaviour.md.</summary>
internal sealed record FaultRow(string Scenario)
{
    public const string Variable = "SCRAPECLUSTER_FAULTS_TABLE";
    private const string Nothing = "-";

    public FaultRow(string scenario, FaultVerdict verdict)
        : this(scenario)
    {
        (Missed, MissedAtMost, Doubled) = (verdict.Missed, verdict.MissedAtMost, verdict.Doubled);
    }

    public int? Missed { get; init; }

    /// <summary>In a row, of one target.</summary>
    public int? MissedAtMost { get; init; }

    public int? Doubled { get; init; }

    public TimeSpan? Shift { get; init; }

    public IReadOnlyList<TimeSpan>? Reowned { get; init; }

    public IReadOnlyList<TimeSpan>? ScrapedAgain { get; init; }

    public double? Moved { get; init; }

    public double? Ideal { get; init; }

    public double? MaxOverAverage { get; init; }

    public string Remark { get; init; } = "";

    /// <summary>Appends the line to the file that the environment names, if it does.</summary>
    public void Write()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file)
        {
            File.AppendAllText(file, this + "\n");
        }
    }

    public override string ToString()
    {
        string[] cells =
        [
            Scenario, Text(Missed), Text(MissedAtMost), Text(Doubled), Shift is { } shift ? Milliseconds(shift) : Nothing, Both(Reowned), Both(ScrapedAgain),
            Moved is { } moved && Ideal is > 0 and { } ideal ? string.Create(CultureInfo.InvariantCulture, $"{moved:0} / {ideal:0} = {moved / ideal:0.00}") : Nothing,
            MaxOverAverage is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : Nothing, Remark,
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? Nothing;

    private static string Both(IReadOnlyList<TimeSpan>? times) => times is { Count: > 0 } ? $"{Seconds(Percentile.Of(times, 0.5))} / {Seconds(Percentile.Of(times, 0.99))}" : Nothing;

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00 s", CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.0 ms", CultureInfo.InvariantCulture);
}
