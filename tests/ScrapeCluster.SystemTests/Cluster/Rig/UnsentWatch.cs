using System.Globalization;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>
/// Two receivers take nothing of a node before it dies, so that it leaves samples that it has not sent. When it is back these must come to the receiver whose queue is
/// named in <c>remote-write.out-of-order-queues</c>, and never to the other one, which has newer ones from those who took over.
/// </summary>
internal sealed class UnsentWatch
{
    private static readonly string[] Queues = [ClusterFiles.InOrderQueue, ClusterFiles.LateQueue];
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly TestCluster _cluster;
    private readonly string _victim;
    private readonly long _fromMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private HashSet<(string Series, long TimestampMs)> _owed = [];

    private UnsentWatch(TestCluster cluster, string victim)
    {
        _cluster = cluster;
        _victim = victim;
    }

    /// <summary>Returns when the node owes some scrapes to both.</summary>
    /// <param name="victim">It has a target that is recorded.</param>
    public static async Task<UnsentWatch> BeginAsync(TestCluster cluster, string victim)
    {
        var watch = new UnsentWatch(cluster, victim);
        var address = cluster[victim].Address;
        watch.Answer(request => new WriteAnswer(request.From == address ? 503 : 204));
        await Wait.Until("its samples to be refused by both", Deadline, () => Queues.All(queue => cluster.Recorder.RequestsOn("/" + queue).Any(request =>
            request.From == address && request.Status == 503 && request.Samples.Any(sample => sample.TimestampMs >= watch._fromMs))), cluster.Tails);
        await cluster.ScrapesAsync(2);
        return watch;
    }

    /// <summary>The node is dead, and others have what it had: what it owes is noted, and when the receivers have newer samples of all these series they would take it again.</summary>
    public async Task NoteDeadAsync()
    {
        _owed = await OwedAsync();
        Assert.NotEmpty(_owed);
        var newestMs = _owed.Max(sample => sample.TimestampMs);
        var series = _owed.Select(sample => sample.Series).ToHashSet(StringComparer.Ordinal);
        await Wait.Until("newer samples from others", Deadline, () => Queues.All(queue => series.IsSubsetOf(
            _cluster.Recorder.On("/" + queue).Where(sample => sample.TimestampMs > newestMs).Select(sample => sample.Series))), _cluster.Tails);
        Answer(_ => WriteAnswer.Taken);
    }

    /// <summary>The node is started, and will be back.</summary>
    public async Task JudgeReturnAsync()
    {
        await Wait.Until("what was owed to come late", Deadline, () => _owed.IsSubsetOf(TakenOn(ClusterFiles.LateQueue)),
            () => $"missing: {string.Join("; ", _owed.Except(TakenOn(ClusterFiles.LateQueue)).Take(5))}\n{_cluster.Tails()}");
        await Wait.Until("it to be dropped for the other receiver", Deadline, async () => await DroppedAsync() >= _owed.Count, _cluster.Tails);
        Assert.Empty(_owed.Intersect(TakenOn(ClusterFiles.InOrderQueue)));
    }

    private void Answer(Func<ReceivedWrite, WriteAnswer> answer)
    {
        foreach (var queue in Queues)
        {
            _cluster.Recorder.OnPath("/" + queue, answer);
        }
    }

    /// <summary>What it has stored since it was refused and neither receiver has taken.</summary>
    private async Task<HashSet<(string Series, long TimestampMs)>> OwedAsync()
    {
        using var folder = new TestFolder();
        folder.CopyOf(Path.Combine(_cluster[_victim].DataFolder, "wal"), "data/wal");
        var stored = await Tools.DumpAsync(folder.Sub("data"), $"up{{job=\"{ClusterFiles.Job}\"}}");
        return
        [
            .. stored.Select(Parse).Where(sample => sample.TimestampMs >= _fromMs && ClusterFiles.IsRecorded(TargetOf(sample.Series)))
                .Except(TakenOn(ClusterFiles.InOrderQueue)).Except(TakenOn(ClusterFiles.LateQueue)),
        ];
    }

    private HashSet<(string, long)> TakenOn(string queue) => [.. _cluster.Recorder.On("/" + queue).Select(sample => (sample.Series, sample.TimestampMs))];

    private Task<double?> DroppedAsync() => _cluster[_victim].Process.MetricAsync(
        $"prometheus_remote_storage_samples_dropped_total{{remote_name=\"{ClusterFiles.InOrderQueue}\",url=\"{_cluster.Recorder.Url("/" + ClusterFiles.InOrderQueue)}\",reason=\"taken_over\"}}");

    private static (string Series, long TimestampMs) Parse(string line) =>
        (line[..(line.LastIndexOf('}') + 1)], long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private static string TargetOf(string series)
    {
        const string Label = "target=\"";
        var start = series.IndexOf(Label, StringComparison.Ordinal) + Label.Length;
        return series[start..series.IndexOf('"', start)];
    }
}
