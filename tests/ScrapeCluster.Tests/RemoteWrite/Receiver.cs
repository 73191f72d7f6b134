using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Tests.RemoteWrite;

/// <summary>A real HTTP server that takes remote write requests and answers as it is told.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SemaphoreSlim _answered = new(0);
    private int _requests;

    private Receiver(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/api/v1/write";

    /// <summary>Samples of accepted requests, in order of acceptance.</summary>
    public ConcurrentQueue<ReceivedSample> Samples { get; } = new();

    public ConcurrentQueue<string> Metadata { get; } = new();

    public ConcurrentQueue<(IHeaderDictionary Headers, int Samples)> Requests { get; } = new();

    /// <summary>Status for the n-th request (from 0) and what else the answer needs; 204 by default.</summary>
    public Func<int, HttpContext, Task<int>> Answer { get; set; } = (_, _) => Task.FromResult(204);

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
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

    private async Task TakeAsync(HttpContext context)
    {
        var number = Interlocked.Increment(ref _requests) - 1;
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var metadata = new List<string>();
        var samples = ReferenceRequest.Decode(body.ToArray(), metadata);
        metadata.ForEach(Metadata.Enqueue);
        Requests.Enqueue((new HeaderDictionary(context.Request.Headers.ToDictionary()), samples.Count));
        context.Response.StatusCode = await Answer(number, context);
        if (context.Response.StatusCode is 204)
        {
            samples.ForEach(Samples.Enqueue);
        }

        _answered.Release();
    }
}
