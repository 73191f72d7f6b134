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
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, Func<int, Page>> _pages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, List<Served>> _served = new(StringComparer.Ordinal);
    private readonly Task _run;

    public ScriptedExporter()
    {
        Port = Ports.Free();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _run = Task.Run(RunAsync);
    }

    public int Port { get; }

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

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _run;
    }

    private async Task RunAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath;
        try
        {
            if (!_pages.TryGetValue(path, out var script))
            {
                context.Response.StatusCode = 404;
                context.Response.Close();
                return;
            }

            var list = _served.GetOrAdd(path, _ => []);
            Page page;
            lock (list)
            {
                page = script(list.Count);
                var headers = context.Request.Headers.AllKeys.ToDictionary(name => name!, name => context.Request.Headers[name] ?? "", StringComparer.OrdinalIgnoreCase);
                list.Add(new Served(list.Count, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), page.Body, page.Delay > TimeSpan.Zero, headers) { Query = context.Request.Url.Query });
            }

            if (page.Delay > TimeSpan.Zero)
            {
                await Task.Delay(page.Delay);
            }

            context.Response.StatusCode = page.Status;
            if (page.ContentType is not null)
            {
                context.Response.ContentType = page.ContentType;
            }

            foreach (var (name, value) in page.Headers ?? new Dictionary<string, string>())
            {
                context.Response.Headers[name] = value;
            }

            var bytes = page.Bytes ?? Encoding.UTF8.GetBytes(page.Body);
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The scraper went away: what it did is judged elsewhere.
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
    /// <summary>With its question mark; empty without parameters.</summary>
    public string Query { get; init; } = "";
}
