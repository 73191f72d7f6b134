using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>From the log to a real receiver; the names follow the list of what a 1.0 sender must do.</summary>
public sealed class RemoteWriteTests
{
    [Fact]
    public async Task Samples_OfManyScrapes_ArriveOnceAndInOrder()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench(new WalOptions(SegmentSize: 2 * WalFormat.PageSize));
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MinShards = 3, MaxSamplesPerSend = 100 }));
        var random = new Random(1);
        for (var scrape = 1; scrape <= 200; scrape++)
        {
            bench.Append(scrape * 1000, [.. Enumerable.Range(1, 50).Select(i => ((ulong)i, random.NextDouble()))]);
        }

        await receiver.ExpectAsync(10_000);
        Assert.True(await bench.FlushAsync());
        Assert.Equal(10_000, receiver.Samples.Count);
        foreach (var series in receiver.Samples.GroupBy(sample => sample.Series))
        {
            Assert.Equal(Enumerable.Range(1, 200).Select(i => i * 1000L), series.Select(sample => sample.TimestampMs));
        }
    }

    [Fact]
    public async Task Values_ArriveBitForBit()
    {
        double[] values = [SpecialValues.StaleNaN, SpecialValues.NormalNaN, 0, -0.0, double.PositiveInfinity, double.NegativeInfinity, 5e-324, 1e308, 9007199254740993];
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow));
        for (var i = 0; i < values.Length; i++)
        {
            bench.Append(i - 2, (1ul, values[i]));
        }

        Assert.True(await bench.FlushAsync());
        Assert.Equal(values.Select((value, i) => new ReceivedSample(RemoteWriteBench.Text(1), i - 2, BitConverter.DoubleToUInt64Bits(value))), receiver.Samples);
    }

    [Fact]
    public async Task Headers_AreThoseOfTheProtocol()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (request, _) => Task.FromResult(request == 0 ? 500 : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick) with
        {
            Headers = [new RemoteWriteHeader("X-Scope-OrgID", "tenant")],
            HttpClient = HttpClientConfig.Default with { EnableHttp2 = false, BasicAuth = new BasicAuthConfig { Username = "u", Password = new Secret("p") } },
        });
        bench.Append(1, (1ul, 1.0));
        await receiver.ExpectAsync(1);

        var first = receiver.Requests.First().Headers;
        Assert.Equal("snappy", first.ContentEncoding);
        Assert.Equal("application/x-protobuf", first.ContentType);
        Assert.Equal("0.1.0", first["X-Prometheus-Remote-Write-Version"]);
        Assert.Equal("ScrapeCluster/test", first.UserAgent);
        Assert.Equal("tenant", first["X-Scope-OrgID"]);
        Assert.Equal("Basic dTpw", first.Authorization);
        Assert.False(first.ContainsKey("Retry-Attempt"));
        Assert.Equal("1", receiver.Requests.Last().Headers["Retry-Attempt"]);
    }

    [Fact]
    public async Task Labels_ExternalThenWriteRelabelling()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        var drop = new RelabelConfig { SourceLabels = ["n"], Regex = "2", Action = RelabelAction.Drop };
        var rename = new RelabelConfig { SourceLabels = ["dc"], TargetLabel = "place" };
        await bench.ApplyAsync(
            Labels.Of(("dc", "here"), ("n", "external")),
            RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow) with { WriteRelabelConfigs = [drop, rename] });
        bench.Append(1, (1ul, 1.0), (2ul, 2.0));

        Assert.True(await bench.FlushAsync());
        Assert.Equal("__name__=m,dc=here,n=1,place=here", Assert.Single(receiver.Samples).Series);
    }

    [Fact]
    public async Task Retry_EveryThirdRequestFails_NothingIsMissingOrDoubled()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (request, _) => Task.FromResult(request % 3 == 0 ? 503 : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 7 }));
        for (var i = 1; i <= 500; i++)
        {
            bench.Append(i, (1ul, (double)i));
        }

        Assert.True(await bench.FlushAsync());
        Assert.Equal(Enumerable.Range(1, 500).Select(i => (long)i), receiver.Samples.Select(sample => sample.TimestampMs));
        Assert.All(receiver.Requests, request => Assert.InRange(request.Samples, 1, 7));
    }

    [Theory]
    [InlineData(400, false, false)]
    [InlineData(404, false, false)]
    [InlineData(413, false, false)]
    [InlineData(429, false, false)]
    [InlineData(429, true, true)]
    [InlineData(500, false, true)]
    public async Task FirstAnswer_DecidesWhetherTheSampleIsSentAgain(int status, bool retry429, bool arrives)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (request, _) => Task.FromResult(request == 0 ? status : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 1, RetryOnHttp429 = retry429 }));
        bench.Append(1, (1ul, 1.0));
        bench.Append(2, (1ul, 2.0));

        Assert.True(await bench.FlushAsync());
        Assert.Equal(arrives ? [1L, 2L] : [2L], receiver.Samples.Select(sample => sample.TimestampMs));
    }

    [Fact]
    public async Task Flush_PartialBatchBeforeItsDeadline_IsSent()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow));
        bench.Append(1, (1ul, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Single(receiver.Samples);
    }

    [Fact]
    public async Task Flush_ReceiverHangs_EndsAtTheDeadlineAndDropsTheRest()
    {
        await using var receiver = await Receiver.StartAsync();
        var hang = new TaskCompletionSource<int>();
        receiver.Answer = (_, _) => hang.Task;
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 1, Capacity = 2 }));
        for (var i = 1; i <= 50; i++)
        {
            bench.Append(i, (1ul, (double)i));
        }

        Assert.False(await bench.FlushAsync(TimeSpan.FromMilliseconds(300)));
        Assert.Empty(receiver.Samples);
        hang.SetResult(204);
    }

    [Fact]
    public async Task TwoBlocks_OneReceiverFails_TheOtherGetsEverything()
    {
        await using var healthy = await Receiver.StartAsync();
        await using var failing = await Receiver.StartAsync();
        failing.Answer = (_, _) => Task.FromResult(503);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(
            RemoteWriteBench.Config(failing, RemoteWriteBench.Quick with { Capacity = 1, MaxSamplesPerSend = 1 }),
            RemoteWriteBench.Config(healthy, RemoteWriteBench.Quick));
        for (var i = 1; i <= 300; i++)
        {
            bench.Append(i, (1ul, (double)i));
        }

        await healthy.ExpectAsync(300);
        Assert.False(await bench.FlushAsync(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(300, healthy.Samples.Count);
        Assert.Empty(failing.Samples);
    }

    [Fact]
    public async Task Start_InTheMiddleOfTheLog_KnowsTheSeriesOfCheckpointAndSegments()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        bench.Append(1, (1ul, 1.0));
        Assert.Null(bench.Wal.StartNextSegment());
        bench.Append(2, (2ul, 2.0));
        Checkpoint.Write(bench.WalDirectory, 0, _ => true, 0);
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow));
        bench.Append(3, (1ul, 3.0), (2ul, 4.0));

        Assert.True(await bench.FlushAsync());
        Assert.Equal([(RemoteWriteBench.Text(1), 3L), (RemoteWriteBench.Text(2), 3L)], receiver.Samples.Select(sample => (sample.Series, sample.TimestampMs)));
    }

    [Fact]
    public async Task Reload_ChangedBlock_SendsEachSampleByExactlyOneOfBoth()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Quick);
        await bench.ApplyAsync(Labels.Of(("v", "0")), config);
        for (var i = 1; i <= 100; i++)
        {
            bench.Append(i, (1ul, (double)i));
            if (i % 20 == 0)
            {
                await bench.ApplyAsync(Labels.Of(("v", $"{i}")), config);
                Assert.Null(bench.Wal.StartNextSegment());
                await bench.ApplyAsync(Labels.Of(("v", $"{i}+")), config);
            }
        }

        Assert.True(await bench.FlushAsync());
        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), receiver.Samples.Select(sample => sample.TimestampMs).Order());
    }

    [Fact]
    public async Task Apply_BlockThatCannotRun_IsAFaultAndChangesNothing()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow);
        await bench.ApplyAsync(config);

        var faults = await bench.TryApplyAsync(Labels.Empty, config with { CloudAuth = "sigv4" });

        Assert.Contains("sigv4 is not supported by this version", Assert.Single(faults), StringComparison.Ordinal);
        bench.Append(1, (1ul, 1.0));
        Assert.True(await bench.FlushAsync());
        Assert.Single(receiver.Samples);
    }

    [Fact]
    public async Task Metadata_IsSentAtItsIntervalWithoutRepeats()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench
        {
            Metadata =
            [
                new("requests_total", new MetricMetadata(MetricType.Counter, "Requests.", "")),
                new("requests_total", new MetricMetadata(MetricType.Counter, "Requests.", "")),
                new("size_bytes", new MetricMetadata(MetricType.Gauge, "", "bytes")),
            ],
        };
        var config = RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow);
        await bench.ApplyAsync(config with { Metadata = new MetadataConfig { SendInterval = TimeSpan.FromMilliseconds(50) } });

        await receiver.WaitAsync(() => receiver.Metadata.Count >= 2, () => $"{receiver.Metadata.Count} of 2 metadata entries");
        Assert.Equal(["1 requests_total Requests. ", "2 size_bytes  bytes"], receiver.Metadata.Take(2));
        Assert.True(await bench.FlushAsync());
    }
}
