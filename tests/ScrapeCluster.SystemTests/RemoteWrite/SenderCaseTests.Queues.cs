using System.Text;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>Cases of a queue's settings: who it says it is, how much it sends at once, and when.</summary>
public sealed partial class SenderCaseTests
{
    private const int ManyOfABatch = 1000;
    private const int ManyOfAPage = 5000;

    private static readonly SenderCase RwHeaders = new(n => $"value {n}\n") { Queue = "headers: {X-Scope-OrgID: tenant, X-Other: 'a b'}" };

    [Fact]
    public void X_RwHeaders()
    {
        var requests = run.Of(RwHeaders).Requests;
        Assert.NotEmpty(requests);
        Assert.All(requests, request => Assert.Equal(("tenant", "a b"), (request.Headers["X-Scope-OrgID"], request.Headers["X-Other"])));
    }

    private static readonly SenderCase RwBasicAuth = new(n => $"value {n}\n") { Queue = "basic_auth: {username: user, password: 'pass:word'}" };

    [Fact]
    public void X_RwBasicAuth()
    {
        var requests = run.Of(RwBasicAuth).Requests;
        Assert.NotEmpty(requests);
        Assert.All(requests, request =>
        {
            Assert.Equal("POST", request.Method);
            Assert.Equal($"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("user:pass:word"))}", request.Headers["Authorization"]);
            Assert.Matches("^[A-Za-z]+/[0-9]", request.Headers["User-Agent"]);
        });
    }

    private static readonly SenderCase Bearer = new(n => $"value {n}\n") { Queue = "authorization: {credentials: a-token}" };

    [Fact]
    public void X_Bearer()
    {
        var requests = run.Of(Bearer).Requests;
        Assert.NotEmpty(requests);
        Assert.All(requests, request => Assert.Equal("Bearer a-token", request.Headers["Authorization"]));
    }

    private static readonly SenderCase BatchSize = new(n => SenderCase.Many("batched", ManyOfABatch, n))
    {
        Queue = "queue_config: {max_samples_per_send: 100}",
    };

    [Fact]
    public void X_BatchSize()
    {
        var record = run.Of(BatchSize);
        Assert.All(record.Writes, request => Assert.InRange(request.Samples.Count, 1, 100));
        Assert.Contains(record.Writes, request => request.Samples.Count == 100);
        AssertEveryPageOf(record, "batched", ManyOfABatch);
    }

    private static readonly SenderCase BatchDeadline = new(n => $"value {n}\n")
    {
        Queue = "queue_config: {batch_send_deadline: 1s}",
        Enough = record => record.Writes.Count(IsPrompt) >= 3,
    };

    /// <summary>On a machine under load some may be late: three requests in time are waited for.</summary>
    [Fact]
    public void X_BatchDeadline()
    {
        var record = run.Of(BatchDeadline);
        Assert.InRange(record.Writes.Count(request => request.ReceivedAtMs < record.Times.InterruptedMs && IsPrompt(request)), 3, int.MaxValue);
        record.AssertEveryPage("value");
    }

    private static readonly SenderCase FlushOnShutdown = new(n => $"value {n}\n") { Queue = "queue_config: {batch_send_deadline: 10m}" };

    [Fact]
    public void X_FlushOnShutdown()
    {
        var record = run.Of(FlushOnShutdown);
        Assert.NotEmpty(record.Requests);
        Assert.All(record.Writes, request => Assert.True(request.ReceivedAtMs >= record.Times.InterruptedMs, "sent before SIGINT"));
        record.AssertEveryPage("value");
    }

    private static readonly SenderCase ManySeries = new(n => SenderCase.Many("many", ManyOfAPage, n));

    [Fact]
    public void X_ManySeries()
    {
        var record = run.Of(ManySeries);
        AssertEveryPageOf(record, "many", ManyOfAPage);
        record.AssertNoRepeats();
    }

    private static bool IsPrompt(Harness.ReceivedWrite request) => request.Samples.All(sample => request.ReceivedAtMs - sample.TimestampMs < 3000);
}
