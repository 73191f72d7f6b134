using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ScrapeCluster.SystemTests.Harness;
using ScrapeCluster.SystemTests.RemoteWrite.Cases;

namespace ScrapeCluster.SystemTests.RemoteWrite;

/// <summary>
/// Receivers with every kind of fault, each fed by a queue of its own of one node. What each got is counted against what the node has stored: nothing is
/// missing but what was refused for good, and nothing came twice but what was taken without a word.
/// </summary>
public sealed partial class ReceiverFaultTests(FaultRun run) : IClassFixture<FaultRun>
{
    private const int Fillers = 200;
    private const string Quick = "queue_config: {batch_send_deadline: 500ms, max_backoff: 500ms}";

    /// <summary>Room for about two scrapes.</summary>
    private const string Small = "queue_config: {capacity: 200, max_samples_per_send: 100, batch_send_deadline: 500ms, max_backoff: 500ms}";

    private static readonly SenderCase Down = new(n => SenderCase.Many("filler", Fillers, n))
    {
        Queue = Small,
        HasOwnReceiver = true,
        Steps = async site =>
        {
            await site.PagesAsync(3);
            await site.Receiver.GoDownAsync();
            await site.MorePagesAsync(10);
            site.Receiver.ComeUp();
            await site.MorePagesAsync(2);
        },
    };

    [Fact]
    public void DownForLongerThanMemoryCouldHold_AllArrives() => AssertSentAsStored(Down);

    private static readonly SenderCase Slow = new(n => SenderCase.Many("filler", Fillers, n))
    {
        Queue = Small,
        Answer = request => WriteAnswer.Taken with { Delay = TimeSpan.FromSeconds(request.Number < 6 ? 1.5 : 0) },
    };

    [Fact]
    public void SlowerThanItIsFed_AllArrives() => AssertSentAsStored(Slow);

    private static readonly SenderCase InternalServerError = new(n => $"value {n}\n")
    {
        Queue = Quick,
        Answer = request => new WriteAnswer(request.Number is >= 2 and < 6 ? 500 : 204),
    };

    [Fact]
    public void Status500_AllArrives()
    {
        AssertSentAsStored(InternalServerError);
        Assert.Equal(4, run.Of(InternalServerError).Writes.Count(request => request.Status == 500));
    }

    private static readonly SenderCase Unavailable = new(n => $"value {n}\n")
    {
        Queue = Quick,
        Answer = request => request.Number == 2 ? new WriteAnswer(503) { RetryAfter = "3" } : WriteAnswer.Taken,
        Enough = record => record.Writes.Count() > 4,
    };

    [Fact]
    public void Status503WithRetryAfter_IsWaitedFor_AllArrives()
    {
        AssertSentAsStored(Unavailable);
        var tries = run.Of(Unavailable).Writes.ToList();
        Assert.InRange(Stopwatch.GetElapsedTime(tries[2].AnsweredAt, tries[3].ReceivedAt).TotalSeconds, 2.95, double.MaxValue);
    }

    private static readonly SenderCase TooManyRequests = RefusedOnce(429);

    [Fact]
    public void Status429_LosesThatRequestAlone() => AssertSentAsStored(TooManyRequests, refused: 429);

    private static readonly SenderCase BadRequest = RefusedOnce(400);

    [Fact]
    public void Status400_LosesThatRequestAlone() => AssertSentAsStored(BadRequest, refused: 400);

    private static readonly SenderCase NotFound = RefusedOnce(404);

    [Fact]
    public void Status404_LosesThatRequestAlone() => AssertSentAsStored(NotFound, refused: 404);

    private static readonly SenderCase Reset = new(n => SenderCase.Many("filler", Fillers, n))
    {
        Queue = Quick,
        HasOwnReceiver = true,
        Steps = async site =>
        {
            await site.PagesAsync(3);
            site.Receiver.Wire.Resets = 3;
            await site.Until("three connections to be reset", () => site.Receiver.Wire.Resets == 0);
            await site.MorePagesAsync(2);
        },
    };

    [Fact]
    public void ConnectionResetInTheMiddleOfARequest_AllArrives() => AssertSentAsStored(Reset);

    private static readonly SenderCase Unsaid = new(n => $"value {n}\n")
    {
        Queue = Quick,
        Answer = request => WriteAnswer.Taken with { IsUnsaid = request.Number == 2 },
        Enough = record => record.Writes.Count() > 4,
    };

    /// <summary>The documented repeat: at least once, in requests that are the same again.</summary>
    [Fact]
    public void TakenAndNotSaid_ComesTwiceAsAWhole()
    {
        var record = run.Of(Unsaid);
        var writes = record.Writes.ToList();
        Assert.Equal(Texts(writes[2].Samples), Texts(writes[3].Samples));
        var repeated = Texts(record.Samples).CountBy(text => text).Where(count => count.Value > 1).ToList();
        Assert.All(repeated, count => Assert.Equal(2, count.Value));
        Assert.Equal(Texts(writes[2].Samples).Order(StringComparer.Ordinal), repeated.Select(count => count.Key).Order(StringComparer.Ordinal));
        Assert.Equal(Sorted(run.StoredOf(Unsaid)), Sorted(Texts(record.Samples).Distinct()));
    }

    private static readonly SenderCase Hanging = new(n => $"value {n}\n")
    {
        Queue = Quick + "\nremote_timeout: 1s",
        Answer = request => request.Number is 2 or 3 ? WriteAnswer.Nothing with { Delay = TimeSpan.FromMinutes(1) } : WriteAnswer.Taken,
        Enough = record => record.Writes.Count() > 5,
    };

    /// <summary>On a machine that stands still a request may run out of its second although it is taken, and comes again.</summary>
    [Fact]
    public void HangsUntilTheTimeout_AllArrives()
    {
        AssertSentAsStored(Hanging, mayRepeat: true);
        var writes = run.Of(Hanging).Writes.ToList();
        Assert.InRange(Stopwatch.GetElapsedTime(writes[2].ReceivedAt, writes[3].ReceivedAt).TotalSeconds, 0.9, 59);
    }

    private static readonly SenderCase UntrustedCertificate = new(n => $"value {n}\n")
    {
        Queue = Quick + "\ntls_config: {ca_file: '<folder>/ca.pem'}",
        Url = "https://<receiver><path>",
        HasOwnReceiver = true,
        Prepare = site =>
        {
            site.Receiver.Wire.Certificate = NewCertificate();
            return Task.CompletedTask;
        },
        Steps = async site =>
        {
            await site.PagesAsync(3);
            await site.UntilRetriedAsync();
            Assert.Empty(site.Record.Requests);
            site.Receiver.Wire.Certificate = Trusted;
        },
        Enough = record => record.Served.Count > SenderCase.DefaultPages && record.Samples.Count > 0,
    };

    private static readonly X509Certificate2 Trusted = NewCertificate();

    internal static string TrustedPem => Trusted.ExportCertificatePem();

    [Fact]
    public void CertificateThatIsNotTrusted_IsWaitedFor_AllArrives() => AssertSentAsStored(UntrustedCertificate);

    private static readonly SenderCase UnknownHost = new(n => $"value {n}\n")
    {
        Queue = Quick,
        Url = "http://receiver.scrapecluster.test:<port><path>",
        HasOwnReceiver = true,
        Steps = async site =>
        {
            await site.PagesAsync(3);
            await site.UntilRetriedAsync();
            FaultRun.AddHost(site, "127.0.0.1 receiver.scrapecluster.test\n");
        },
        Enough = record => record.Served.Count > SenderCase.DefaultPages && record.Samples.Count > 0,
    };

    [Fact]
    public void HostThatIsNotFound_IsWaitedFor_AllArrives()
    {
        Assert.SkipUnless(run.HasOwnHosts, "a file of host names cannot be mounted here (needs root)");
        AssertSentAsStored(UnknownHost);
    }

    private static SenderCase RefusedOnce(int status) => new(n => $"value {n}\n")
    {
        Queue = Quick,
        Answer = request => new WriteAnswer(request.Number == 2 ? status : 204),
        Enough = record => record.Writes.Count(request => request.IsTaken) > 4,
    };

    /// <summary>For 127.0.0.1, and its own authority.</summary>
    private static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=receiver", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    /// <summary>The receiver has what is stored, each sample once and each series in order; without what it refused.</summary>
    private CaseRecord AssertSentAsStored(SenderCase which, int refused = 0, bool mayRepeat = false)
    {
        var record = run.Of(which);
        var taken = mayRepeat
            ? [.. record.Writes.Where(request => request.IsTaken).DistinctBy(request => string.Join('\n', Texts(request.Samples))).SelectMany(request => request.Samples)]
            : record.Samples;
        var lost = record.Writes.Where(request => request.Status == refused && refused != 0).SelectMany(request => request.Samples).ToList();
        Assert.Equal(refused != 0, lost.Count > 0);
        Assert.Equal(Sorted(run.StoredOf(which)), Sorted(Texts(taken.Concat(lost))));
        AssertInOrder(taken);
        return record;
    }

    private static void AssertInOrder(IEnumerable<WrittenSample> samples)
    {
        var last = new Dictionary<string, long>();
        foreach (var sample in samples)
        {
            Assert.True(sample.TimestampMs > last.GetValueOrDefault(sample.Series), $"{sample} came behind {last.GetValueOrDefault(sample.Series)}");
            last[sample.Series] = sample.TimestampMs;
        }
    }

    private static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Order(StringComparer.Ordinal);

    private static IEnumerable<string> Texts(IEnumerable<WrittenSample> samples) =>
        samples.Select(sample => $"{sample.Series} {sample.Value.ToString("R", CultureInfo.InvariantCulture)} {sample.TimestampMs}");
}
