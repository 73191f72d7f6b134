using System.Globalization;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>Which ticks were missed or doubled, of which targets.</summary>
internal sealed class FaultVerdict(TestCluster cluster, IReadOnlyDictionary<string, TickVerdict> ticks)
{
    /// <summary>What became of these targets only.</summary>
    public FaultVerdict Of(IReadOnlySet<string> targets) => new(cluster, ticks.Where(pair => targets.Contains(pair.Key)).ToDictionary());

    public int Missed => ticks.Values.Sum(verdict => verdict.Missed.Count);

    public int Doubled => ticks.Values.Sum(verdict => verdict.Doubled.Count);

    /// <summary>Of the target that missed most.</summary>
    public int MissedAtMost => ticks.Values.Select(verdict => verdict.Missed.Count).DefaultIfEmpty().Max();

    public int DoubledAtMost => ticks.Values.Select(verdict => verdict.Doubled.Count).DefaultIfEmpty().Max();

    public void AssertNothingMissed() => Assert.True(Missed == 0, $"{Missed} ticks were missed:\n{Odd(verdict => verdict.Missed, _ => true)}");

    public void AssertNothingDoubled() => Assert.True(Doubled == 0, $"{Doubled} ticks were doubled:\n{Odd(verdict => verdict.Doubled, _ => true)}");

    /// <summary>Only these targets missed something, and none of them more ticks than this.</summary>
    public void AssertMissedOnly(IReadOnlySet<string> targets, int atMost)
    {
        var others = Odd(verdict => verdict.Missed, target => !targets.Contains(target));
        Assert.True(others.Length == 0, $"targets that the fault did not touch missed ticks:\n{others}");
        Assert.True(MissedAtMost <= atMost, $"a target missed {MissedAtMost} ticks, {atMost} are allowed:\n{Odd(verdict => verdict.Missed, _ => true)}");
    }

    public void AssertDoubledOnly(IReadOnlySet<string> targets, int atMost)
    {
        var others = Odd(verdict => verdict.Doubled, target => !targets.Contains(target));
        Assert.True(others.Length == 0, $"targets that the fault did not touch had ticks doubled:\n{others}");
        Assert.True(DoubledAtMost <= atMost, $"a target had {DoubledAtMost} ticks doubled, {atMost} are allowed:\n{Odd(verdict => verdict.Doubled, _ => true)}");
    }

    /// <summary>The first few, each with the requests around it.</summary>
    private string Odd(Func<TickVerdict, IReadOnlyList<OddTick>> which, Func<string, bool> of)
    {
        return string.Join('\n', ticks.Where(pair => of(pair.Key)).SelectMany(pair => which(pair.Value).Select(tick => (Target: pair.Key, tick.Due)))
            .OrderBy(odd => odd.Due).Take(12).Select(odd => $"{odd.Target} due {Text(odd.Due)}: {string.Join(", ", Around(odd.Target, odd.Due))}"));
    }

    private IEnumerable<string> Around(string target, TimeSpan due)
    {
        var around = 1.5 * cluster.Shape.Interval;
        return cluster.Targets.First(candidate => candidate.Record.Name == target).Record.Between(due - around, due + around)
            .Select(arrival => $"{Text(arrival.At)} by {cluster.NameAt(arrival.From)}");
    }

    private static string Text(TimeSpan at) => at.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
