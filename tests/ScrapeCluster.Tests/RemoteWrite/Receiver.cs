using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>A real HTTP server that takes remote write requests and answers as it is told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SemaphoreSlim _answered = new(0);
    private readonly Lock _storing = new();
    private int _requests;

    private Receiver(WebApplication app) => _app = app;

    /// <summary>Of senders that <see cref="RightOnly"/> takes from.</summary>
    public static RemoteWriteHeader Right { get; } = new("X-Right", "1");

    public string Url => _app.Urls.First() + "/api/v1/write";

    /// <summary>Samples of accepted requests, in order of acceptance.</summary>
    public ConcurrentQueue<ReceivedSample> Samples { get; } = new();

    public ConcurrentQueue<string> Metadata { get; } = new();

    /// <summary>Of the series of 2.0 requests: type, help and unit behind the series' text.</summary>
    public ConcurrentQueue<string> SeriesMetadata { get; } = new();

    public ConcurrentQueue<(IHeaderDictionary Headers, int Samples)> Requests { get; } = new();

    /// <summary>A receiver of 1.0 does not say what it wrote.</summary>
    public bool TellsWritten { get; set; } = true;

    /// <summary>Of all requests with samples, as they came.</summary>
    public ConcurrentQueue<byte[]> Bodies { get; } = new();

    /// <summary>Decides about a request with samples by what is in it; asked after <see cref="Answer"/> has said 204.</summary>
    public Func<IReadOnlyList<ReceivedSample>, int> Store { get; set; } = _ => 204;

    /// <summary>Status for the n-th request (from 0) and what else the answer needs; 204 by default.</summary>
    public Func<int, HttpContext, Task<int>> Answer { get; set; } = (_, _) => Task.FromResult(204);

    /// <summary>For <see cref="Answer"/>. A request that its sender's end cut off may still come to it later, when another answer than 503 would store it.</summary>
    public static Task<int> RightOnly(int number, HttpContext context) => Task.FromResult(context.Request.Headers.ContainsKey(Right.Name) ? 204 : 503);

    /// <param name="tls">Null: without TLS.</param>
    public static async Task<Receiver> StartAsync(HttpsConnectionAdapterOptions? tls = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        if (tls is null)
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        }
        else
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(tls)));
        }

        var app = builder.Build();
        var receiver = new Receiver(app);
        app.MapPost("/api/v1/write", receiver.TakeAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>Waits for so many samples; the failure tells what came.</summary>
    public Task ExpectAsync(int count, int seconds = 60)
    {
        return WaitAsync(() => Samples.Count >= count, () => $"{Samples.Count} of {count} samples came in {_requests} requests", seconds);
    }

    /// <summary>Looks again after every answered request.</summary>
    public async Task WaitAsync(Func<bool> condition, Func<string> lastSeen, int seconds = 60)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            try
            {
                await _answered.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.True(condition(), $"after {seconds} s: {lastSeen()}");
            }
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>One request at a time: those of several shards come together.</summary>
    private int Take(int good, List<ReceivedSample> samples)
    {
        lock (_storing)
        {
            var status = Store(samples);
            if (status is not 204)
            {
                return status;
            }

            samples.ForEach(Samples.Enqueue);
            return good;
        }
    }

    private async Task TakeAsync(HttpContext context)
    {
        var number = Interlocked.Increment(ref _requests) - 1;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var metadata = new List<string>();
        List<ReceivedSample> samples;
        if (context.Request.ContentType == "application/x-protobuf;proto=io.prometheus.write.v2.Request")
        {
            samples = ReferenceRequestV2.Decode(body.ToArray(), metadata);
            metadata.ForEach(SeriesMetadata.Enqueue);
            if (TellsWritten)
            {
                context.Response.Headers["X-Prometheus-Remote-Write-Samples-Written"] = $"{samples.Count}";
            }
        }
        else
        {
            samples = ReferenceRequest.Decode(body.ToArray(), metadata);
            metadata.ForEach(Metadata.Enqueue);
        }

        Requests.Enqueue((new HeaderDictionary(context.Request.Headers.ToDictionary()), samples.Count));
        if (samples.Count > 0)
        {
            Bodies.Enqueue(body.ToArray());
        }

        var status = await Answer(number, context);
        status = status is 200 or 204 && samples.Count > 0 ? Take(status, samples) : status;
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = status;
        }

        _answered.Release();
    }
}
