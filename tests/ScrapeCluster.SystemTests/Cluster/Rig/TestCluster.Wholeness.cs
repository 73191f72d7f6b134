using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>When the cluster is as a fault finds it: everybody there, everything scraped, nothing moving.</summary>
internal sealed partial class TestCluster
{
    /// <summary>Above it the leader moves slots.</summary>
    private const double EvenEnough = 1.05;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private Calm? _calm;

    /// <summary>Ends every fault that a test before may have left, starts who is missing, and waits until all is settled.</summary>
    public async Task BeWholeAsync()
    {
        BeginWhole();
        await SettledAsync(Names);
        Disturb();
    }

    /// <summary>The first half of <see cref="BeWholeAsync"/>, for a test that has seen enough and still has something to read.</summary>
    public void BeginWhole()
    {
        foreach (var name in Names)
        {
            Networks.Heal(name);
            this[name].Continue();
            if (!this[name].IsRunning)
            {
                this[name].Start();
            }
        }
    }

    /// <summary>Something is about to be done: what is quiet until now says nothing about what will be.</summary>
    public void Disturb() => _calm = null;

    /// <summary>
    /// These and no others are members and own everything, every target was scraped within its interval, all have about as much, and nothing was planned for
    /// as long as the leader needs to make up its mind. What was settled before and not disturbed since needs not be quiet anew. Answers with the instant since
    /// which it has been so.
    /// </summary>
    public async Task<TimeSpan> SettledAsync(IReadOnlyCollection<string> nodes)
    {
        var state = "nothing was read yet";
        var processes = string.Join(", ", nodes.Order().Select(name => $"{name}: {this[name].Process.Id}"));
        var (version, since) = _calm is { } calm && calm.Processes == processes ? (calm.Version, calm.Since) : (-1L, Now);
        Disturb();
        await Wait.Until($"{string.Join(", ", nodes)} to be settled", Deadline, async () =>
        {
            var (fault, newest) = await UnsettledAsync(nodes);
            if (fault is not null || newest != version)
            {
                (version, since) = (newest, Now);
            }

            state = fault ?? $"version {version} is {(Now - since).TotalSeconds:0.0} s old";
            return fault is null && Now - since > FaultTerms.Current.Quiet;
        }, () => $"{state}\n{Tails()}");
        _calm = new Calm(processes, version, since);
        return since;
    }

    /// <summary>For as long as a phase is measured by.</summary>
    public Task ScrapesAsync(int count) => ScrapesAsync(count, Now);

    public Task ScrapesAsync(int count, TimeSpan from)
    {
        var rest = from + (count * Shape.Interval) - Now;
        return rest > TimeSpan.Zero ? Task.Delay(rest) : Task.CompletedTask;
    }

    /// <summary>The latest instant whose ticks can be judged.</summary>
    public TimeSpan JudgedUntil => Now - (Shape.Interval * 0.6);

    /// <summary>Who has how much, by what was asked last; nodes without anything have 0.</summary>
    public IReadOnlyDictionary<string, double> Loads(IEnumerable<string> nodes)
    {
        var loads = Judge.Loads(Now);
        return nodes.ToDictionary(name => name, name => loads.GetValueOrDefault(this[name].Address), StringComparer.Ordinal);
    }

    public double MaxOverAverage(IEnumerable<string> nodes) => IdealMoves.MaxOverAverage([.. Loads(nodes).Values]);

    private async Task<(string? Fault, long Version)> UnsettledAsync(IReadOnlyCollection<string> nodes)
    {
        foreach (var name in nodes)
        {
            Assert.True(this[name].IsRunning, $"{name} ended by itself:\n{this[name].Process.Output}");
        }

        List<StoredAssignment> assignments;
        List<StoredMember> members;
        try
        {
            assignments = await Store.AssignmentsAsync();
            members = await Store.MembersAsync();
        }
        catch (Npgsql.NpgsqlException e)
        {
            // Without tables before the first node has made them, and without a server while it starts.
            return ($"the store: {e.Message}", -1);
        }

        var version = assignments.Count > 0 ? assignments.Max(row => row.Version) : 0;
        var up = members.Where(member => member.State == "up").Select(member => member.Node).Order().ToList();
        if (!up.SequenceEqual(nodes.Order()))
        {
            return ($"up are {string.Join(", ", up)}", version);
        }

        if (assignments.Find(row => row.IsAhead || !nodes.Contains(row.Owner)) is { } odd)
        {
            return ($"{odd}", version);
        }

        var oldest = Now - (Shape.Interval * 1.5);
        var owners = nodes.Select(name => this[name].Address).ToHashSet(StringComparer.Ordinal);
        var silent = Targets.Select(target => target.Record).Where(target => !target.Between(oldest, Now).Any(arrival => owners.Contains(arrival.From))).ToList();
        if (silent.Count > 0)
        {
            return ($"{silent.Count} targets are not scraped, such as {silent[0].Name}", version);
        }

        var uneven = Shape.Replicas == 1 ? MaxOverAverage(nodes) : 1;
        return (uneven > EvenEnough ? $"one node has {uneven:0.000} of the average; {string.Join(", ", Loads(nodes))}; {string.Join("; ", (await Store.EventsAsync()).TakeLast(5))}" : null, version);
    }

    private sealed record Calm(string Processes, long Version, TimeSpan Since);
}
