using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Coordination;

/// <summary>Whatever comes in whatever order: every slot of every bucket has one owner that lives, or says why not.</summary>
public sealed class CoordinatorRandomTests : CoordinatorKit
{
    private readonly Dictionary<string, int> _jobs = [];
    private readonly Dictionary<SlotKey, long> _versions = [];
    private string _log = "";

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    public void AnySequence_KeepsEverySlotWithOneLivingOwner(int seed, int replicas)
    {
        var random = new Random(seed);
        Terms = Terms with { Replicas = replicas };
        Start("a", "b", "c");
        for (var step = 0; step < 80; step++)
        {
            Step(random);
            Assert.True(Check() is null, $"seed {seed} step {step}: {Check()}\n{_log}");
        }

        Join("x", "y", "z");
        foreach (var member in View.Members)
        {
            Order(OrderKind.Uncordon, member.Node);
        }

        _jobs["last"] = 150;
        Tell(new JobsConfigured([.. _jobs.Keys]));
        foreach (var (job, targets) in _jobs)
        {
            Tell(Job(job, targets));
        }

        PassSeconds(90);
        Assert.All(Rows, row => Assert.NotEmpty(row.Owner));
        Assert.True(MaxOverAverage() < 1.1, $"seed {seed}: {string.Join(", ", LoadByNode())}\n{_log}");
    }

    private void Step(Random random)
    {
        var up = View.Members.Where(member => member.State == MemberState.Up).Select(member => member.Node).ToList();
        var others = up.Where(node => node != Terms.Node).ToList();
        var node = $"{(char)('a' + random.Next(7))}";
        var action = random.Next(11);
        _log += $"{action}:{node} ";
        switch (action)
        {
            case 0 or 1 when !up.Contains(node):
                Join(node);
                break;
            case 2 when others.Count > 1:
                Die(others[random.Next(others.Count)]);
                break;
            case 3 when others.Count > 2:
                Die(others[0], others[1]);
                break;
            case 4 when others.Count > 1:
                Leave(others[random.Next(others.Count)]);
                break;
            case 5 when others.Count > 0:
                Lead(others[random.Next(others.Count)]);
                break;
            case 6 or 7:
                var job = $"job-{random.Next(3)}";
                _jobs[job] = random.Next(1, 120);
                Tell(Job(job, _jobs[job]));
                Tell(new JobsConfigured([.. _jobs.Keys]));
                break;
            case 8 when _jobs.Count > 1:
                _jobs.Remove(_jobs.Keys.First());
                Tell(new JobsConfigured([.. _jobs.Keys]));
                break;
            case 9:
                Order(random.Next(2) == 0 ? OrderKind.Cordon : OrderKind.Uncordon, node);
                break;
            default:
                PassSeconds(random.Next(1, 10));
                break;
        }

        PassSeconds(0.5 * random.Next(1, 4));
    }

    private string? Check()
    {
        var view = View;
        var alive = view.Members.Where(member => member.State != MemberState.Down).Select(member => member.Node).ToHashSet();
        foreach (var (job, targets) in _jobs)
        {
            if (!Stored(job).Order().SequenceEqual(Job(job, targets).Targets.Select(target => target.Hash)))
            {
                return $"{job} has other targets than it was given";
            }
        }

        foreach (var bucket in view.TargetSetVersions.Keys)
        {
            var rows = view.Changed.Where(row => row.Slot.Bucket == bucket.Key && row.Count == bucket.Count).ToList();
            var owners = rows.Select(row => row.Owner).Where(owner => owner.Length > 0).ToList();
            if (rows.Count != Terms.Replicas || owners.Distinct().Count() != owners.Count || !owners.TrueForAll(alive.Contains))
            {
                return $"{bucket} is with [{string.Join(", ", rows.Select(row => $"'{row.Owner}' {row.Reason}"))}], alive are [{string.Join(", ", alive)}]";
            }

            if (rows.Any(row => row.Owner.Length == 0 && row.Reason.Length == 0))
            {
                return $"{bucket} has no owner and no reason";
            }
        }

        foreach (var row in view.Changed)
        {
            if (!view.TargetSetVersions.ContainsKey(new BucketRef(row.Slot.Bucket, row.Count)) || row.Version < _versions.GetValueOrDefault(row.Slot))
            {
                return $"{row} has no targets, or is older than {_versions.GetValueOrDefault(row.Slot)}";
            }

            _versions[row.Slot] = row.Version;
        }

        return null;
    }
}
