using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>One reload while data is owed to receivers that are down: to a queue that stays, to one that changes, and to one whose block goes.</summary>
public sealed partial class ReceiverFaultTests
{
    private static readonly SenderCase Staying = new(n => $"value {n}\n") { Queue = Quick, HasOwnReceiver = true };

    private static readonly SenderCase Changing = new(n => $"value {n}\n")
    {
        Queue = Quick,
        LaterQueue = "queue_config: {batch_send_deadline: 400ms, max_backoff: 400ms, max_samples_per_send: 10}",
        HasOwnReceiver = true,
    };

    private static readonly SenderCase Going = new(n => $"value {n}\n")
    {
        Queue = Quick,
        EndsAtReload = true,
        HasOwnReceiver = true,
        Steps = async site =>
        {
            CaseSite[] sites = [site, site.Node.SiteOf(Staying), site.Node.SiteOf(Changing)];
            foreach (var one in sites)
            {
                await one.Until("first samples to arrive", () => one.Record.Samples.Count > 0);
                await one.Receiver.GoDownAsync();
            }

            await site.MorePagesAsync(4);
            await site.Node.ReloadAsync();
            await site.MorePagesAsync(2);
            foreach (var one in sites)
            {
                one.Receiver.ComeUp();
            }

            await site.MorePagesAsync(2);
        },
        Enough = record => record.ValuesOf("value").Any(sample => sample.TimestampMs > record.Times.ReloadedFromMs - 2000),
    };

    [Fact]
    public void ReloadWhileOwed_QueueStays_AllArrives() => AssertSentAsStored(Staying);

    [Fact]
    public void ReloadWhileOwed_QueueChanges_AllArrives()
    {
        var record = AssertSentAsStored(Changing);
        Assert.All(record.Writes.Reverse().Take(2), request => Assert.InRange(request.Samples.Count, 1, 10));
    }

    /// <summary>It still sends what was scraped before, and nothing of later.</summary>
    [Fact]
    public void ReloadWhileOwed_QueueGoes_AllUntilThenArrives()
    {
        var record = run.Of(Going);
        AssertInOrder(record.Samples);
        var sent = Texts(record.Samples).ToHashSet(StringComparer.Ordinal);
        var stored = run.StoredOf(Going);
        Assert.Subset(stored.ToHashSet(StringComparer.Ordinal), sent);

        // Of the pages before the signal all but the last were stored when it came.
        var asked = record.Served.Count(page => page.RequestedAtMs < record.Times.ReloadedFromMs);
        var until = stored.Where(line => line.StartsWith("{__name__=\"value\"", StringComparison.Ordinal) && ValueOf(line) < asked - 1).Max(TimeOf);
        Assert.All(stored.Where(line => TimeOf(line) <= until), line => Assert.Contains(line, sent));
        Assert.DoesNotContain(record.Samples, sample => sample.TimestampMs > record.Times.ReloadedToMs);
        Assert.Contains(stored, line => TimeOf(line) > record.Times.ReloadedToMs);

        // Nothing is left of it that would be owed.
        Assert.Equal(
            [$"{nameof(Changing)}.positions", $"{nameof(Staying)}.positions"],
            Directory.GetFiles(Path.Combine(run.Node.DataFolder, "remote-write")).Select(Path.GetFileName)
                .Where(file => file!.StartsWith(nameof(Changing), StringComparison.Ordinal) || file.StartsWith(nameof(Staying), StringComparison.Ordinal) || file.StartsWith(nameof(Going), StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    private static long TimeOf(string line) => long.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private static double ValueOf(string line) => double.Parse(line.Split(' ')[^2], System.Globalization.CultureInfo.InvariantCulture);
}
