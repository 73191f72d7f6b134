using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>
/// An exporter whose page number n of a path is what the test says. It keeps when each page was asked for: page n of a
/// target counts as acknowledged once page n + 1 was asked for.
/// </summary>
internal sealed class ScriptedExporter : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Func<int, Page>> _pages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, List<Served>> _served = new(StringComparer.Ordinal);
    private readonly LoopbackServer _server;

    public ScriptedExporter() => _server = new LoopbackServer(AnswerAsync);

    public int Port => _server.Port;

    public string Address => $"127.0.0.1:{Port}";

    public void OnPath(string path, Func<int, Page> page) => _pages[path] = page;

    public void OnPath(string path, Func<int, string> body) => _pages[path] = n => new Page(body(n));

    /// <summary>What was served on a path so far, in order.</summary>
    public IReadOnlyList<Served> ServedOn(string path)
    {
        if (!_served.TryGetValue(path, out var list))
        {
            return [];
        }

        lock (list)
        {
            return [.. list];
        }
    }

    /// <summary>The pages whose scraper asked for one more; scrapers are told apart by their parameters.</summary>
    public IReadOnlyList<Served> AcknowledgedOn(string path)
    {
        var served = ServedOn(path);
        return [.. served.Zip(served.Skip(1)).Where(pair => pair.First.Query == pair.Second.Query).Select(pair => pair.First)];
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        if (!_pages.TryGetValue(path, out var script))
        {
            context.Response.StatusCode = 404;
            return;
        }

        var page = Serve(path, script, context.Request);
        if (page.Delay > TimeSpan.Zero)
        {
            await Task.Delay(page.Delay);
        }

        var response = context.Response;
        response.StatusCode = page.Status;
        if (page.ContentType is not null)
        {
            response.ContentType = page.ContentType;
        }

        foreach (var (name, value) in page.Headers ?? new Dictionary<string, string>())
        {
            response.Headers[name] = value;
        }

        var bytes = page.Bytes ?? Encoding.UTF8.GetBytes(page.Body);
        response.ContentLength64 = bytes.Length;
        await response.OutputStream.WriteAsync(bytes);
    }

    /// <summary>The next page of the path, which is noted as served.</summary>
    private Page Serve(string path, Func<int, Page> script, HttpListenerRequest request)
    {
        var list = _served.GetOrAdd(path, _ => []);
        lock (list)
        {
            var page = script(list.Count);
            var headers = request.Headers.AllKeys.ToDictionary(name => name!, name => request.Headers[name] ?? "", StringComparer.OrdinalIgnoreCase);
            list.Add(new Served(list.Count, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), page.Body, page.Delay > TimeSpan.Zero, headers)
            {
                Method = request.HttpMethod,
                Query = request.Url!.Query,
            });
            return page;
        }
    }
}

/// <summary>One answer of the exporter.</summary>
internal sealed record Page(string Body)
{
    public const string Text = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    public int Status { get; init; } = 200;

    public string? ContentType { get; init; } = Text;

    public TimeSpan Delay { get; init; }

    public byte[]? Bytes { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }
}

/// <summary>One page that was asked for: its number on the path, when the request came, what was answered, and whether late on purpose.</summary>
internal sealed record Served(int Number, long RequestedAtMs, string Body, bool IsSlow, IReadOnlyDictionary<string, string> RequestHeaders)
{
    public string Method { get; init; } = "";

    /// <summary>With its question mark; empty without parameters.</summary>
    public string Query { get; init; } = "";
}
