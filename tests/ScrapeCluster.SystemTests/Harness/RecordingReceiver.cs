using System.Net;
using IronSnappy;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>A remote-write receiver that keeps every sample it is sent, by the path it was sent to.</summary>
internal sealed class RecordingReceiver : IAsyncDisposable
{
    private readonly Dictionary<string, List<WrittenSample>> _samples = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly LoopbackServer _server;

    public RecordingReceiver() => _server = new LoopbackServer(AnswerAsync);

    public int Port => _server.Port;

    public string Url(string path) => $"http://127.0.0.1:{Port}{path}";

    public IReadOnlyList<WrittenSample> On(string path)
    {
        lock (_samples)
        {
            Assert.Empty(_faults);
            return _samples.TryGetValue(path, out var list) ? [.. list] : [];
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        Keep(context.Request.Url!.AbsolutePath, body.ToArray());
        context.Response.StatusCode = 204;
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
