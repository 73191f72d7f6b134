using System.Net.Http.Headers;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Receiving;
using ScrapeCluster.Storage;
using ScrapeCluster.Testing;
using ScrapeCluster.Tests.Node.RemoteRead;

namespace ScrapeCluster.Tests.Node.Receiving;

/// <summary>What a sender got.</summary>
/// <param name="Written">The three headers of 2.0, samples, histograms and exemplars; empty where there are none.</param>
internal sealed record WriteReply(int Status, string Text, string Written, string RetryAfter);

/// <summary>The receiver over a storage of its own; what is between them can be watched and changed.</summary>
internal sealed class ReceivingNode : IAsyncDisposable
{
    public const string TypeV1 = "application/x-protobuf";
    public const string TypeV2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

    public static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(20_000);
    public static readonly long NowMs = Now.ToUnixTimeMilliseconds();

    private readonly EndpointFixture _node;

    private ReceivingNode(EndpointFixture node, ManualTimeProvider time)
    {
        _node = node;
        Time = time;
    }

    public ManualTimeProvider Time { get; }

    /// <summary>Of the batches that the storage was given, how many samples came with labels.</summary>
    public List<int> NewSeries { get; } = [];

    /// <summary>Instead of the storage, where it is set.</summary>
    public Func<SampleBatch, Task<AppendResult>>? Instead { get; set; }

    public EndpointFixture Endpoints => _node;

    public static async Task<ReceivingNode> StartAsync(Func<RemoteWriteReceiverSettings, RemoteWriteReceiverSettings>? configure = null)
    {
        ReceivingNode? made = null;
        var pool = new SampleBatchPool();
        var storing = new Lock();
        ManualTimeProvider? time = null;
        var node = await EndpointFixture.StartAsync(Now, Labels.Empty, arrange: context =>
        {
            time = (ManualTimeProvider)context.Time;
            var settings = context.Settings.RemoteWriteReceiver with { Enabled = true };
            var storage = (LocalStorage)context.Storage;
            return context with
            {
                Settings = context.Settings with { RemoteWriteReceiver = configure?.Invoke(settings) ?? settings },
                Intake = new SampleIntake(pool, batch => made!.AppendAsync(batch, storage, storing, pool)),
            };
        });
        return made = new ReceivingNode(node, time!);
    }

    public Task<WriteReply> WriteV1Async(params SentSeries[] series) => WriteAsync(TypeV1, WriteRequests.V1(series));

    public Task<WriteReply> WriteV2Async(params SentSeries[] series) => WriteAsync(TypeV2, WriteRequests.V2(series));

    public Task<WriteReply> WriteAsync(string? contentType, byte[] message) => SendAsync(contentType, "snappy", ReadExchange.Compress(message));

    public async Task<WriteReply> SendAsync(string? contentType, string? encoding, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        using var response = await _node.SendAsync(HttpMethod.Post, "/api/v1/write", body: content);
        return new WriteReply(
            (int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), WrittenIn(response.Headers), response.Headers.RetryAfter?.ToString() ?? "");
    }

    /// <summary>What is stored, as <c>{labels} bits@time ...</c>.</summary>
    public IReadOnlyList<string> Stored(string selector = "{__name__=~\".+\"}") =>
    [
        .. _node.Storage.Select(selector).Select(series =>
            $"{series.Labels} {string.Join(' ', series.Values.Zip(series.TimestampsMs, (value, time) => $"{BitConverter.DoubleToUInt64Bits(value):x}@{time - NowMs}"))}").Order(StringComparer.Ordinal),
    ];

    public async Task<double> MetricAsync(string line)
    {
        var (_, page) = await _node.GetAsync("/metrics");
        var found = page.Split('\n').Single(one => one.StartsWith(line + " ", StringComparison.Ordinal));
        return double.Parse(found[line.Length..], System.Globalization.CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private Task<AppendResult> AppendAsync(SampleBatch batch, LocalStorage storage, Lock storing, SampleBatchPool pool)
    {
        lock (storing)
        {
            NewSeries.Add(batch.NewSeries.Count);
            if (Instead is { } instead)
            {
                return instead(batch);
            }

            var result = storage.Writer.Append(batch);
            pool.Return(batch);
            return Task.FromResult(result);
        }
    }

    private static string WrittenIn(HttpResponseHeaders headers) => string.Join(' ', ((string[])["Samples", "Histograms", "Exemplars"])
        .Where(kind => headers.Contains($"X-Prometheus-Remote-Write-{kind}-Written"))
        .Select(kind => headers.GetValues($"X-Prometheus-Remote-Write-{kind}-Written").Single()));
}
