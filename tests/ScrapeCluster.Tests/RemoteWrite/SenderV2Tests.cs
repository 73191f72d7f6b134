using Microsoft.AspNetCore.Http;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>
/// What a sender of remote write 2.0 MUST do, from the log to a real receiver: the specification (https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/)
/// and the MUST cases of the public suite (https://github.com/prometheus/compliance, remotewrite/sender), by their names there. What holds for every
/// message (symbols, references, labels, order of samples) is checked by <see cref="ReferenceRequestV2"/> at each request of each test.
/// </summary>
public sealed class SenderV2Tests
{
    private const string V2ContentType = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

    /// <summary>http_request, content_type_protobuf, content_type_with_proto_param, content_encoding_snappy, snappy_block_format, version_header, user_agent.</summary>
    [Fact]
    public async Task HttpRequest_HasTheReservedHeaders()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver));
        bench.Append(1, (1ul, 1.0));

        Assert.True(await bench.FlushAsync());
        var headers = Assert.Single(receiver.Requests).Headers;
        Assert.Equal(V2ContentType, headers.ContentType);
        Assert.Equal("snappy", headers.ContentEncoding);
        Assert.Equal("2.0.0", headers["X-Prometheus-Remote-Write-Version"]);
        Assert.Equal("ScrapeCluster/test", headers.UserAgent);
        Assert.Equal(1, bench.Count("samples_total"));
    }

    /// <summary>"They MUST NOT allow users to configure them in such a way as to send reserved headers."</summary>
    [Theory]
    [InlineData("Content-Encoding")]
    [InlineData("content-type")]
    [InlineData("X-Prometheus-Remote-Write-Version")]
    [InlineData("User-Agent")]
    public void ReservedHeaders_CannotBeConfigured(string header)
    {
        var result = PrometheusConfigFile.Parse($"remote_write:\n- url: http://receiver/\n  protobuf_message: io.prometheus.write.v2.Request\n  headers:\n    {header}: x\n");
        Assert.Contains("is a reserved header", result.FaultText(), StringComparison.Ordinal);
    }

    /// <summary>symbols_empty_at_index_zero, labels_refs_valid_indices, labels_refs_even_length, label_lexicographic_ordering, metric_name_label_present, and that label sets are complete.</summary>
    [Fact]
    public async Task Labels_AreCompleteSortedAndOnce()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(Labels.Of(("A", "north"), ("zone", "m")), V2(receiver));
        bench.Append(1, (1ul, 1.0), (2ul, 2.0));

        Assert.True(await bench.FlushAsync());
        Assert.Equal(["A=north,__name__=m,n=1,zone=m", "A=north,__name__=m,n=2,zone=m"], receiver.Samples.Select(sample => sample.Series));
    }

    /// <summary>sample: value, timestamp. "Sample's values MUST be float64", stale markers "MUST be signalled by the special NaN value 0x7ff0000000000002".</summary>
    [Fact]
    public async Task Samples_ArriveBitForBit()
    {
        double[] values = [SpecialValues.StaleNaN, SpecialValues.NormalNaN, 0, -0.0, double.PositiveInfinity, double.NegativeInfinity, 5e-324, 1e308, 101.13];
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver));
        for (var i = 0; i < values.Length; i++)
        {
            bench.Append(i - 2, (1ul, values[i]), (2ul, values[i]));
        }

        Assert.True(await bench.FlushAsync());
        foreach (var series in new ulong[] { 1, 2 })
        {
            Assert.Equal(
                values.Select((value, i) => new ReceivedSample(RemoteWriteBench.Text(series), i - 2, BitConverter.DoubleToUInt64Bits(value))),
                receiver.Samples.Where(sample => sample.Series == RemoteWriteBench.Text(series)));
        }
    }

    /// <summary>"Sender MUST send samples for any given TimeSeries in timestamp order", over requests and retries too.</summary>
    [Fact]
    public async Task Samples_EveryThirdRequestFails_ArriveOnceAndInOrder()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (request, _) => Task.FromResult(request % 3 == 0 ? 503 : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 70, MinShards = 2 }));
        for (var scrape = 1; scrape <= 100; scrape++)
        {
            bench.Append(scrape * 1000, [.. Enumerable.Range(1, 20).Select(i => ((ulong)i, (double)scrape))]);
        }

        Assert.True(await bench.FlushAsync());
        Assert.Equal(2000, receiver.Samples.Count);
        Assert.All(
            receiver.Samples.GroupBy(sample => sample.Series),
            series => Assert.Equal(Enumerable.Range(1, 100).Select(i => i * 1000L), series.Select(sample => sample.TimestampMs)));
    }

    /// <summary>no_retry_on_4xx.</summary>
    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(413)]
    [InlineData(415)]
    [InlineData(429)]
    public async Task Refused_IsNotSentAgain(int status)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (request, _) => Task.FromResult(request == 0 ? status : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver, RemoteWriteBench.Quick with { MaxSamplesPerSend = 1 }));
        bench.Append(1, (1ul, 1.0));
        bench.Append(2, (1ul, 2.0));

        Assert.True(await bench.FlushAsync());
        Assert.Equal([2L], receiver.Samples.Select(sample => sample.TimestampMs));
    }

    /// <summary>retry_on_500, backoff_required: 5xx are tried again, and waited for.</summary>
    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task ServerErrors_AreTriedAgainUntilTaken(int status)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (request, _) => Task.FromResult(request < 3 ? status : 204);
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver));
        bench.Append(1, (1ul, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Single(receiver.Samples);
        Assert.Equal(["", "1", "2", "3"], receiver.Requests.Select(request => (string?)request.Headers["Retry-Attempt"] ?? ""));
        Assert.Equal(3, bench.Count("samples_retried_total"));
    }

    /// <summary>handle_200_ok, handle_204_no_content, ignore_response_body_on_success.</summary>
    [Theory]
    [InlineData(200, "error: nothing was written, try again")]
    [InlineData(204, "")]
    public async Task Success_WhateverTheBodySays(int status, string body)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = async (_, context) =>
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body);
            return status;
        };
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver));
        bench.Append(1, (1ul, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Single(receiver.Requests);
        Assert.Equal((1L, 0L), (bench.Count("samples_total"), bench.Count("samples_failed_total")));
        Assert.Empty(bench.Log.Complaints);
    }

    /// <summary>log_error_messages_verbatim, handle_partial_write_response: what the receiver says it wrote is not counted as failed.</summary>
    [Fact]
    public async Task PartialWrite_IsLoggedAsItIsAndCounted()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = async (_, context) =>
        {
            context.Response.StatusCode = 400;
            context.Response.Headers["X-Prometheus-Remote-Write-Samples-Written"] = "2";
            await context.Response.WriteAsync("Error: Invalid label name '__invalid__' {of} 1 sample");
            return 400;
        };
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver));
        bench.Append(1, (1ul, 1.0), (2ul, 1.0), (3ul, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Single(receiver.Requests);
        Assert.Equal(1, bench.Count("samples_failed_total"));
        Assert.Contains("Error: Invalid label name '__invalid__' {of} 1 sample", Assert.Single(bench.Log.Complaints), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Success_ThatWroteFewerThanSent_CountsTheRestAsFailed()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            context.Response.Headers["X-Prometheus-Remote-Write-Samples-Written"] = "2";
            return Task.FromResult(204);
        };
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver));
        bench.Append(1, (1ul, 1.0), (2ul, 1.0), (3ul, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Single(receiver.Requests);
        Assert.Equal((2L, 1L), (bench.Count("samples_total"), bench.Count("samples_failed_total")));
        Assert.Contains("wrote 2 of 3 samples", Assert.Single(bench.Log.Complaints), StringComparison.Ordinal);
    }

    /// <summary>A receiver that says it wrote nothing, or says nothing as one of 1.0, did not take the request; it is not sent again.</summary>
    [Theory]
    [InlineData("0")]
    [InlineData("none")]
    [InlineData(null)]
    public async Task Success_ThatWroteNothing_IsAFailure(string? written)
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.TellsWritten = false;
        receiver.Answer = (_, context) =>
        {
            context.Response.Headers["X-Prometheus-Remote-Write-Samples-Written"] = written;
            return Task.FromResult(204);
        };
        await using var bench = new RemoteWriteBench();
        await bench.ApplyAsync(V2(receiver));
        bench.Append(1, (1ul, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Single(receiver.Requests);
        Assert.Equal((0L, 1L), (bench.Count("samples_total"), bench.Count("samples_failed_total")));
    }

    /// <summary>fallback_header_changes, persistent_fallback_choice; metadata comes in requests of its own from then on.</summary>
    [Theory]
    [InlineData(415)]
    [InlineData(204)]
    public async Task ReceiverOf1_WithFallBack_IsSent1FromThenOn(int status)
    {
        await using var receiver = await Receiver.StartAsync();
        var isFirst = true;
        receiver.TellsWritten = false;
        receiver.Answer = (_, context) => Task.FromResult(context.Request.ContentType == V2ContentType ? Answered() : 204);
        await using var bench = new RemoteWriteBench(fallsBackToV1: true) { Metadata = [new("m", new MetricMetadata(MetricType.Gauge, "M.", ""))] };
        await bench.ApplyAsync(V2(receiver, RemoteWriteBench.Slow with { MaxSamplesPerSend = 3 }) with { Metadata = new MetadataConfig { SendInterval = TimeSpan.FromMilliseconds(50) } });
        for (var i = 1; i <= 9; i++)
        {
            bench.Append(i, (1ul, (double)i));
        }

        await receiver.WaitAsync(() => !receiver.Metadata.IsEmpty, () => "no metadata");
        Assert.True(await bench.FlushAsync());
        Assert.Equal(V2ContentType, receiver.Requests.First().Headers.ContentType);
        Assert.All(receiver.Requests.Skip(1), request => Assert.Equal("application/x-protobuf", request.Headers.ContentType));
        Assert.All(receiver.Requests.Skip(1), request => Assert.Equal("0.1.0", request.Headers["X-Prometheus-Remote-Write-Version"]));
        Assert.Equal(Enumerable.Range(1, 9).Select(i => (long)i), receiver.Samples.Skip(status == 204 ? 3 : 0).Select(sample => sample.TimestampMs));
        Assert.Equal((9L, 0L), (bench.Count("samples_total"), bench.Count("samples_failed_total")));

        int Answered()
        {
            Assert.True(isFirst);
            isFirst = false;
            return status;
        }
    }

    /// <summary>"Senders MUST NOT assume the same when using the deprecated prometheus.WriteRequest": the headers may be missing, or 0.</summary>
    [Fact]
    public async Task SenderOf1_DoesNotLookAtWrittenHeaders()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, context) =>
        {
            context.Response.Headers["X-Prometheus-Remote-Write-Samples-Written"] = "0";
            return Task.FromResult(204);
        };
        await using var bench = new RemoteWriteBench(fallsBackToV1: true);
        await bench.ApplyAsync(RemoteWriteBench.Config(receiver, RemoteWriteBench.Slow));
        bench.Append(1, (1ul, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Equal("application/x-protobuf", Assert.Single(receiver.Requests).Headers.ContentType);
        Assert.Equal((1L, 0L), (bench.Count("samples_total"), bench.Count("samples_failed_total")));
    }

    /// <summary>Metadata comes with the series, and not in requests of its own.</summary>
    [Fact]
    public async Task Metadata_ComesWithTheSeries()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var bench = new RemoteWriteBench { Metadata = [new("m", new MetricMetadata(MetricType.Counter, "A \"help\" 🚀.", "seconds"))] };
        await bench.ApplyAsync(V2(receiver) with { Metadata = new MetadataConfig { SendInterval = TimeSpan.FromMilliseconds(1) } });
        bench.Append(1, (1ul, 1.0), (2ul, 1.0));

        Assert.True(await bench.FlushAsync());
        Assert.Equal([$"{RemoteWriteBench.Text(1)}: 1 A \"help\" 🚀. seconds", $"{RemoteWriteBench.Text(2)}: 1 A \"help\" 🚀. seconds"], receiver.SeriesMetadata);
        Assert.Empty(receiver.Metadata);
    }

    private static RemoteWriteConfig V2(Receiver receiver, QueueConfig? queue = null) =>
        RemoteWriteBench.Config(receiver, queue ?? RemoteWriteBench.Slow) with { ProtobufMessage = RemoteWriteMessage.V2 };
}
