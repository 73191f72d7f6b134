using System.Diagnostics;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>Cases of receivers that fail, refuse or are not there.</summary>
public sealed partial class SenderCaseTests
{
    private static readonly SenderCase Retry503Backoff = new(n => $"now {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 1s, min_backoff: 200ms}",
        Answer = request => new WriteAnswer(request.Number < 4 ? 503 : 204),
    };

    [Fact]
    public void X_Retry503Backoff()
    {
        var record = run.Of(Retry503Backoff);
        var tries = record.Writes.Take(5).ToList();
        foreach (var (next, before) in tries.Skip(1).Zip(tries))
        {
            Assert.Equal(Texts(before), Texts(next));
            Assert.InRange(Stopwatch.GetElapsedTime(before.AnsweredAt, next.ReceivedAt).TotalMilliseconds, 190, double.MaxValue);
        }

        record.AssertEveryPage("now");
        record.AssertNoRepeats();
    }

    private static readonly SenderCase NoRetry404 = RefusedOnce(404);

    [Fact]
    public void X_NoRetry404() => AssertRefusedForGood(run.Of(NoRetry404));

    private static readonly SenderCase NoRetry413 = RefusedOnce(413);

    [Fact]
    public void X_NoRetry413() => AssertRefusedForGood(run.Of(NoRetry413));

    private static readonly SenderCase NoRetry429Default = RefusedOnce(429);

    [Fact]
    public void X_NoRetry429Default() => AssertRefusedForGood(run.Of(NoRetry429Default));

    private static readonly SenderCase Retry429Config = new(n => $"now {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 1s, retry_on_http_429: true}",
        Answer = request => request.Number == 0 ? new WriteAnswer(429) { RetryAfter = "2" } : WriteAnswer.Taken,
        Enough = IsRefusedAndWentOn,
    };

    [Fact]
    public void X_Retry429Config()
    {
        var record = run.Of(Retry429Config);
        var tries = record.Writes.Take(2).ToList();
        Assert.Equal(Texts(tries[0]), Texts(tries[1]));
        Assert.InRange(Stopwatch.GetElapsedTime(tries[0].AnsweredAt, tries[1].ReceivedAt).TotalSeconds, 1.95, double.MaxValue);
        record.AssertEveryPage("now");
        record.AssertNoRepeats();
    }

    private static readonly SenderCase ReceiverDownAtStart = new(n => $"now {n}\n")
    {
        HasOwnReceiver = true,
        Prepare = site => site.Receiver.GoDownAsync(),
        Steps = async site =>
        {
            await site.PagesAsync(SenderCase.DefaultPages);
            site.Receiver.ComeUp();
        },
        Enough = record => record.ValuesOf("now").Count > SenderCase.DefaultPages - 2,
    };

    [Fact]
    public void X_ReceiverDownAtStart()
    {
        var record = run.Of(ReceiverDownAtStart);
        record.AssertEveryPage("now");
        record.AssertNoRepeats();
    }

    private static readonly SenderCase ReceiverHangs = new(n => $"now {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Answer = request => request.Number < 2 ? WriteAnswer.Nothing : WriteAnswer.Taken,
    };

    [Fact]
    public void X_ReceiverHangs()
    {
        var record = run.Of(ReceiverHangs);
        Assert.True(record.Writes.Count() > 2);
        record.AssertEveryPage("now");
        record.AssertNoRepeats();
    }

    private static readonly SenderCase TwoEndpoints = new(n => $"now {n}\n")
    {
        Prepare = site =>
        {
            site.Receiver.OnPath(site.Path + "/broken", _ => new WriteAnswer(site.Node.Times.InterruptedMs == 0 ? 503 : 204));
            return Task.CompletedTask;
        },
        MoreQueues = """
            - url: http://<receiver><path>/broken
              name: TwoEndpointsBroken
              queue_config: {batch_send_deadline: 1s}
              write_relabel_configs: [{source_labels: [case], regex: TwoEndpoints, action: keep}]

            """,
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Enough = record => record.ValuesOf("now").Count > SenderCase.DefaultPages && record.OnPath("/broken").Any(request => request.Status == 503),
    };

    /// <summary>The broken one answers 503 until SIGINT, so that the other had to get along without it.</summary>
    [Fact]
    public void X_TwoEndpoints()
    {
        var record = run.Of(TwoEndpoints);
        Assert.NotEmpty(record.Writes);
        record.AssertEveryPage("now");
        record.AssertNoRepeats();
        Assert.DoesNotContain(record.OnPath("/broken"), request => request.IsTaken && request.ReceivedAtMs < record.Times.InterruptedMs - 1000);
    }

    private static readonly SenderCase NoDuplicatesAfterRetry = new(n => $"now {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 500ms}",
        Answer = request => new WriteAnswer(request.Number % 3 == 2 ? 500 : 204),
        Enough = record => record.Writes.Count(request => request.Status == 500) > 1,
    };

    [Fact]
    public void X_NoDuplicatesAfterRetry()
    {
        var record = run.Of(NoDuplicatesAfterRetry);
        record.AssertNoRepeats();
        record.AssertEveryPage("now");
    }

    private static SenderCase RefusedOnce(int status) => new(n => $"now {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Answer = request => new WriteAnswer(request.Number == 0 ? status : 204),
        Enough = IsRefusedAndWentOn,
    };

    private static IEnumerable<string> Texts(ReceivedWrite request) => request.Samples.Select(sample => sample.ToString());
}
