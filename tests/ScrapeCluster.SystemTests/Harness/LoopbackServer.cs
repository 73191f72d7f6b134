using System.Net;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>An HTTP server on a free port of this machine. Requests are answered side by side, until it is disposed.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<HttpListenerContext, Task> _answer;
    private readonly Task _run;

    /// <param name="address">Of this machine: one that others reach, too.</param>
    public LoopbackServer(Func<HttpListenerContext, Task> answer, string address = "127.0.0.1")
    {
        _answer = answer;
        Port = Ports.Free();
        _listener.Prefixes.Add($"http://{address}:{Port}/");
        _listener.Start();
        _run = Task.Run(RunAsync);
    }

    public int Port { get; }

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
        try
        {
            await _answer(context);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The client went away: what it did is judged elsewhere.
        }
    }
}
