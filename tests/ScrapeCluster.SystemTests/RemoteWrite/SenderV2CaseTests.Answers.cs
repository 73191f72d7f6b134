using System.Diagnostics;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <content>What a sender does about answers.</content>
public sealed partial class SenderV2CaseTests
{
    private const string Complaint = "Error: invalid label name '__odd__' {of} one sample";

    private static readonly int[] Refusals = [400, 401, 404];

    /// <summary>Each second request is taken, and the seventh only at its fourth try.</summary>
    private static readonly int[] Failures = [500, 204, 503, 204, 502, 204, 503, 503, 503, 204];

    private static readonly SenderCase V2Refused = new(n => $"now {n}\n")
    {
        Queue = Is2 + "queue_config: {batch_send_deadline: 500ms}",
        Answer = request => request.Number < Refusals.Length ? new WriteAnswer(Refusals[request.Number]) { Text = Complaint } : WriteAnswer.Taken,
        Enough = record => record.Served.Count > SenderCase.DefaultPages && record.Writes.Any(request => request.IsTaken),
    };

    private static readonly SenderCase V2Retried = new(n => $"now {n}\n")
    {
        Queue = Is2 + "queue_config: {batch_send_deadline: 500ms, min_backoff: 100ms}",
        Answer = request => new WriteAnswer(request.Number < Failures.Length ? Failures[request.Number] : 204),
        Enough = record => record.Writes.Count(request => request.IsTaken) > Failures.Count(status => status == 204),
    };

    /// <summary>A fall-back to 1.0 is on at the node.</summary>
    private static readonly SenderCase V2FallBack = new(n => $"# TYPE now gauge\nnow {n}\n# TYPE h histogram\nh_bucket{{le=\"+Inf\"}} {n}\nh_sum {n}\nh_count {n}\n")
    {
        Queue = Is2 + "queue_config: {batch_send_deadline: 1s, max_shards: 1}",
        Answer = request => new WriteAnswer(request.V2 is null ? 204 : 415),
    };

    [Fact]
    public void NoRetryOn4xx()
    {
        var record = run.Of(V2Refused);
        var refused = record.Writes.Take(Refusals.Length).ToList();
        var later = record.Writes.Skip(Refusals.Length).SelectMany(Texts).ToHashSet(StringComparer.Ordinal);
        AssertEach(refused, request => Assert.False(request.IsTaken));
        Assert.Equal(refused.Sum(request => request.Samples.Count), refused.SelectMany(Texts).Distinct().Count());
        Assert.Empty(refused.SelectMany(Texts).Intersect(later));
        record.AssertNoneMissing(record.Writes.SelectMany(request => request.Samples).Where(sample => sample.Name == "now" && !sample.IsStale).Select(sample => (int)sample.Value));
    }

    [Fact]
    public void LogErrorMessagesVerbatim()
    {
        Assert.NotEmpty(run.Of(V2Refused).Writes);
        Assert.Contains(Complaint, run.Node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void RetryOn500()
    {
        var record = run.Of(V2Retried);
        var tries = record.Writes.Take(Failures.Length).ToList();
        foreach (var (next, before) in tries.Skip(1).Zip(tries))
        {
            Assert.Equal(!before.IsTaken, Texts(before).SequenceEqual(Texts(next)));
        }

        record.AssertEveryPage("now");
        record.AssertNoRepeats();
    }

    /// <summary>Each wait is twice the one before.</summary>
    [Fact]
    public void BackoffRequired()
    {
        var tries = run.Of(V2Retried).Writes.Skip(Failures.Length - 4).Take(4).ToList();
        var waits = tries.Skip(1).Zip(tries, (next, before) => Stopwatch.GetElapsedTime(before.AnsweredAt, next.ReceivedAt).TotalMilliseconds).ToList();
        Assert.InRange(waits[0], 95, double.MaxValue);
        Assert.InRange(waits[1], 190, double.MaxValue);
        Assert.InRange(waits[2], 380, double.MaxValue);
    }

    [Fact]
    public void SenderContinuesAfterErrors() => Assert.Contains(run.Of(V2Retried).Writes.Skip(Failures.Length), request => request.IsTaken);

    [Fact]
    public void Handle204NoContent() => AssertTakenOnce(204);

    [Fact]
    public void Handle200Ok() => AssertTakenOnce(200);

    /// <summary>The bodies say that nothing was written.</summary>
    [Fact]
    public void IgnoreResponseBodyOnSuccess()
    {
        run.Of(V2Page).AssertNoRepeats();
        Assert.DoesNotContain("nothing was written, send again", run.Node.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void NoFallbackOn2xx() => AssertEach(Requests, request => Assert.NotNull(request.V2));

    [Fact]
    public void FallbackHeaderChanges()
    {
        var record = run.Of(V2FallBack);
        Assert.Equal(415, record.Requests[0].Status);
        Assert.NotEmpty(Of1);
        AssertEach(record.Requests.Skip(1), request =>
        {
            Assert.Equal("application/x-protobuf", request.Headers["Content-Type"]);
            Assert.Equal("0.1.0", request.Headers["X-Prometheus-Remote-Write-Version"]);
        });
    }

    private IReadOnlyList<ReceivedWrite> Of1 => [.. run.Of(V2FallBack).Writes.Where(request => request.V2 is null)];

    private IEnumerable<byte[]> SeriesOf1 => Of1.SelectMany(request => Fields(IronSnappy.Snappy.Decode(request.Body), 1));

    [Fact]
    public void Rw1SamplesEncoding()
    {
        run.Of(V2FallBack).AssertEveryPage("now");
        run.Of(V2FallBack).AssertNoRepeats();
    }

    [Fact]
    public void Rw1LabelsEncoding() => AssertEach(
        run.Of(V2FallBack).Of("now"), sample => Assert.Equal($"{{__name__=\"now\", instance=\"{run.Node.Exporter.Address}\", job=\"V2FallBack\"}}", sample.Series));

    [Fact]
    public void Rw1LabelLexicographicOrdering() =>
        AssertEach(Of1.SelectMany(request => request.Samples), sample => Assert.Equal(sample.LabelNames.Order(StringComparer.Ordinal), sample.LabelNames));

    [Fact]
    public void Rw1MetricNameLabelPresent() =>
        AssertEach(Of1.SelectMany(request => request.Samples), sample => Assert.Single(sample.LabelNames, "__name__"));

    [Fact]
    public void Rw1NoNativeHistograms()
    {
        Assert.NotEmpty(run.Of(V2FallBack).ValuesOf("h_bucket"));
        AssertEach(SeriesOf1, series => Assert.Empty(Fields(series, 4)));
    }

    /// <summary>A sample has two fields: 9 bytes of the value, and a timestamp of up to 11.</summary>
    [Fact]
    public void Rw1NoStartTimestamp() => AssertEach(SeriesOf1.SelectMany(series => Fields(series, 2)), sample => Assert.InRange(sample.Length, 1, 9 + 7));

    [Fact]
    public void Rw1SymbolTableNotUsed() => AssertEach(Of1, request => Assert.Empty(Fields(IronSnappy.Snappy.Decode(request.Body), 4)));

    private void AssertTakenOnce(int status)
    {
        var record = run.Of(V2Page);
        Assert.Contains(record.Writes, request => request.Status == status);
        AssertEach(record.Writes, request => Assert.True(request.IsTaken));
        record.AssertNoRepeats();
    }

    private static IEnumerable<byte[]> Fields(byte[] message, int field) => WriteRequestReader.Messages(message).Where(one => one.Field == field).Select(one => one.Bytes);

    private static IEnumerable<string> Texts(ReceivedWrite request) => request.Samples.Select(sample => sample.ToString());
}
