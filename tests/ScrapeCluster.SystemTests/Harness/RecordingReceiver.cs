using System.Net;
using IronSnappy;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>A remote-write receiver that keeps every sample it is sent, by the path it was sent to.</summary>
internal sealed class RecordingReceiver : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, List<WrittenSample>> _samples = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly Task _run;

    public RecordingReceiver()
    {
        Port = Ports.Free();
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _run = Task.Run(RunAsync);
    }

    public int Port { get; }

    public string Url(string path) => $"http://127.0.0.1:{Port}{path}";

    public IReadOnlyList<WrittenSample> On(string path)
    {
        lock (_samples)
        {
            Assert.Empty(_faults);
            return _samples.TryGetValue(path, out var list) ? [.. list] : [];
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

            await AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            Keep(context.Request.Url!.AbsolutePath, body.ToArray());
            context.Response.StatusCode = 204;
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The sender went away and will send again.
        }
    }

    private void Keep(string path, byte[] compressed)
    {
        lock (_samples)
        {
            try
            {
                if (!_samples.TryGetValue(path, out var list))
                {
                    _samples[path] = list = [];
                }

                list.AddRange(WriteRequestReader.Read(Snappy.Decode(compressed)));
            }
            catch (Exception e)
            {
                _faults.Add($"a request of {compressed.Length} bytes to {path} could not be read: {e.Message}");
            }
        }
    }
}
