using ScrapeCluster.Model;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>One loop under trouble: slow targets, no memory, a storage that fails, a clock that jumps.</summary>
public sealed class LoopTests : ScrapingHarness
{
    [Fact]
    public void HangingScrape_MissesItsTicksAndNeverRunsTwice()
    {
        Start();
        Exporter.Hang();
        var due = Target().NextScrape!.Value;
        AdvanceTo(due);
        AwaitCondition(() => Exporter.Fetches == 1);
        TestScheduler.Advance(TimeSpan.FromSeconds(10));
        AwaitCondition(() => Target().MissedTicks == 1);
        TestScheduler.Advance(TimeSpan.FromSeconds(10));
        AwaitCondition(() => Target().MissedTicks == 2);
        Assert.Equal(1, Exporter.Fetches);

        Exporter.Release();
        AwaitCondition(() => Target().LastScrape >= due);
        Assert.Equal(due + TimeSpan.FromSeconds(40), ScrapeOnce().NextScrape);
    }

    /// <summary>As at the stop of a node: the fetch ends after the loop.</summary>
    [Fact]
    public void Stop_WithAFetchInFlight_ItsPageIsADeadLetterWithoutALine()
    {
        Start();
        Exporter.Hang();
        AdvanceTo(Target().NextScrape!.Value);
        AwaitCondition(() => Exporter.Fetches == 1);
        Watch(Pools);
        Sys.Stop(Pools);
        ExpectTerminated(Pools);

        Sys.EventStream.Subscribe<DeadLetter>(TestActor);
        Exporter.Release();
        Assert.IsType<FetchResult>(FishForMessage<DeadLetter>(letter => letter.Message is FetchResult).Message);
        Assert.DoesNotContain(Log.Lines, line => line.Message.Contains(nameof(FetchResult), StringComparison.Ordinal));
    }

    [Fact]
    public void NoMemory_MissesTheTickAndRecovers()
    {
        Budget = new ScrapeMemoryBudget(100);
        Assert.True(Budget.TryTake(100));
        Start();
        AdvanceTo(Target().NextScrape!.Value);
        AwaitCondition(() => Target().MissedTicks == 1);
        Assert.Equal(0, Exporter.Fetches);

        Budget.Return(100);
        ScrapeOnce();
        AwaitCondition(() => Budget.UsedBytes == 0);
    }

    [Fact]
    public void StorageFault_ShowsTheTargetAsDownAndNothingIsLostLater()
    {
        Start();
        Head.Error = "write to the log: No space left on device";
        var failed = ScrapeOnce();
        Assert.Equal((TargetHealth.Down, Head.Error), (failed.Health, failed.LastError));

        Head.Error = null;
        Assert.Equal(TargetHealth.Up, ScrapeOnce().Health);
        Assert.Single(Stored(), sample => sample.Name == "a");
        AwaitCondition(() => Budget.UsedBytes == 0);
    }

    [Fact]
    public void FailedFetch_IsShownAndMarksTheSeries()
    {
        Start();
        ScrapeOnce();
        Exporter.Page = static _ => "connection refused!\n";

        var failed = ScrapeOnce();

        Assert.Equal((TargetHealth.Down, "connection refused!"), (failed.Health, failed.LastError));
        Assert.Single(Stored(), sample => sample.Name == "a" && sample.IsStale);
    }

    [Fact]
    public void ClockSetBack_ScrapesGoOnAndRefusalsAreCounted()
    {
        Start();
        var before = ScrapeOnce().LastScrape!.Value;
        Time.StepWallClock(TimeSpan.FromMinutes(-5));

        // The timer that was set runs on: monotonic time made no step.
        TestScheduler.Advance(TimeSpan.FromSeconds(10));
        AwaitCondition(() => Target().LastScrape < before);
        var fetches = Exporter.Fetches;
        for (var i = 0; i < 6; i++)
        {
            var last = Target().LastScrape!.Value;
            Assert.InRange(ScrapeOnce().LastScrape!.Value - last, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(15.1));
        }

        Assert.Equal(fetches + 6, Exporter.Fetches);
        lock (Head)
        {
            Assert.Contains(Head.Refused, sample => sample.Reason == RefusalReason.OutOfOrder);
        }
    }

    [Fact]
    public void ClockSetForward_ScrapesOnceAndFollows()
    {
        Start();
        var due = Target().NextScrape!.Value;
        Time.StepWallClock(TimeSpan.FromHours(1));
        AdvanceTo(due + TimeSpan.FromHours(1));
        AwaitCondition(() => Target().LastScrape is not null);

        Assert.Equal(1, Exporter.Fetches);
        Assert.InRange(Target().NextScrape!.Value - Time.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    private void Start()
    {
        Apply(Job("node"));
        Discover("node", "host");
        AwaitTargets(1);
    }
}
