using System.Diagnostics;
using System.Net;
using IronSnappy;

namespace ScrapeCluster.SystemTests.Harness;

/// <summary>A remote-write receiver of 1.0 and 2.0 that keeps every request it is sent, by the path it was sent to. It takes all of them, but where the test says how a path answers.</summary>
internal sealed class RecordingReceiver : IAsyncDisposable
{
    private readonly Dictionary<string, Inbox> _inboxes = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly IPAddress _address;
    private WireServer? _server;

    /// <param name="address">Of this machine; loopback by default.</param>
    public RecordingReceiver(IPAddress? address = null)
    {
        _address = address ?? IPAddress.Loopback;
        _server = new WireServer(AnswerAsync, address: _address);
        Port = _server.Port;
    }

    public int Port { get; }

    /// <summary>The connections to it, while it is up.</summary>
    public WireServer Wire => _server!;

    public string Url(string path) => $"http://{_address}:{Port}{path}";

    /// <summary>How requests with samples on this path are answered from now on; those with metadata alone are taken.</summary>
    public void OnPath(string path, Func<ReceivedWrite, WriteAnswer> answer)
    {
        lock (_inboxes)
        {
            InboxOf(path).Answer = answer;
        }
    }

    /// <summary>Connections are closed and further ones refused. What was taken was also told so.</summary>
    public async Task GoDownAsync()
    {
        var server = _server;
        _server = null;
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    public void ComeUp() => _server ??= new WireServer(AnswerAsync, Port, _address);

    /// <summary>The samples that were taken, in the order in which they were.</summary>
    public IReadOnlyList<WrittenSample> On(string path)
    {
        lock (_inboxes)
        {
            Assert.Empty(_faults);
            return [.. InboxOf(path).Samples];
        }
    }

    public int CountOn(string path)
    {
        lock (_inboxes)
        {
            Assert.Empty(_faults);
            return InboxOf(path).Samples.Count;
        }
    }

    /// <summary>Every request, taken or not, in the order of their coming.</summary>
    public IReadOnlyList<ReceivedWrite> RequestsOn(string path)
    {
        lock (_inboxes)
        {
            Assert.Empty(_faults);
            return [.. InboxOf(path).Requests];
        }
    }

    public async ValueTask DisposeAsync() => await GoDownAsync();

    private async Task<WireAnswer> AnswerAsync(WireRequest wire)
    {
        if (Keep(wire) is not var (request, answer))
        {
            return new WireAnswer(400);
        }

        if (answer.Delay > TimeSpan.Zero)
        {
            await Task.Delay(answer.Delay);
        }

        // Taken before the answer leaves: who has it may send the next at once.
        return new WireAnswer(answer.IsUnsaid ? 0 : answer.Status, HeadersOf(request, answer), () => Take(wire.Path, request, answer)) { Body = answer.Text };
    }

    private static string HeadersOf(ReceivedWrite request, WriteAnswer answer)
    {
        var written = request.V2 is not null && answer.Status is >= 200 and < 300 ? $"X-Prometheus-Remote-Write-Samples-Written: {request.Samples.Count}\r\n" : "";
        return answer.RetryAfter is null ? written : $"{written}Retry-After: {answer.RetryAfter}\r\n";
    }

    private (ReceivedWrite, WriteAnswer)? Keep(WireRequest request)
    {
        lock (_inboxes)
        {
            try
            {
                var message = Snappy.Decode(request.Body);
                var inbox = InboxOf(request.Path);
                var v2 = request.Headers.GetValueOrDefault("Content-Type") == WriteV2Reader.ContentType ? WriteV2Reader.Read(message) : null;
                List<WrittenSample> samples = [.. v2?.Samples ?? WriteRequestReader.Read(message)];
                var received = new ReceivedWrite(samples.Count > 0 ? inbox.Numbered++ : -1, samples, v2 is null ? [.. WriteRequestReader.ReadMetadata(message)] : [])
                {
                    Method = request.Method,
                    Headers = request.Headers,
                    From = request.From,
                    Body = request.Body,
                    V2 = v2,
                };
                inbox.Requests.Add(received);
                return (received, samples.Count > 0 ? inbox.Answer(received) : WriteAnswer.Taken);
            }
            catch (Exception e)
            {
                _faults.Add($"a request of {request.Body.Length} bytes to {request.Path} could not be read: {e.Message}");
                return null;
            }
        }
    }

    private void Take(string path, ReceivedWrite request, WriteAnswer answer)
    {
        lock (_inboxes)
        {
            request.AnsweredAt = Stopwatch.GetTimestamp();
            request.Status = answer.Status;
            if (request.IsTaken)
            {
                InboxOf(path).Samples.AddRange(request.Samples);
            }
        }
    }

    private Inbox InboxOf(string path)
    {
        return _inboxes.TryGetValue(path, out var inbox) ? inbox : _inboxes[path] = new Inbox();
    }

    private sealed class Inbox
    {
        public Func<ReceivedWrite, WriteAnswer> Answer { get; set; } = _ => WriteAnswer.Taken;

        public List<ReceivedWrite> Requests { get; } = [];

        public List<WrittenSample> Samples { get; } = [];

        public int Numbered { get; set; }
    }
}

/// <summary>One request as it came.</summary>
/// <param name="Number">Counted from 0 over the requests of its path that hold samples; -1 for one without.</param>
internal sealed record ReceivedWrite(int Number, IReadOnlyList<WrittenSample> Samples, IReadOnlyList<WrittenMetadata> Metadata)
{
    public string Method { get; init; } = "";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The sender's address.</summary>
    public string From { get; init; } = "";

    /// <summary>As it came, compressed.</summary>
    public byte[] Body { get; init; } = [];

    /// <summary>Null for one of 1.0.</summary>
    public WrittenV2? V2 { get; init; }

    public long ReceivedAtMs { get; } = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>By <see cref="Stopwatch"/>, which no clock's step disturbs.</summary>
    public long ReceivedAt { get; } = Stopwatch.GetTimestamp();

    /// <summary>Just before the answer left; 0 until then.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>What was answered; 0 until then, and for ever where the connection was closed instead.</summary>
    public int Status { get; set; }

    public bool IsTaken => Status is >= 200 and < 300;
}

/// <summary>What the receiver does with a request.</summary>
/// <param name="Status">0 closes the connection without a word.</param>
internal sealed record WriteAnswer(int Status)
{
    public static readonly WriteAnswer Taken = new(204);

    public static readonly WriteAnswer Nothing = new(0);

    public TimeSpan Delay { get; init; }

    public string? RetryAfter { get; init; }

    /// <summary>The body of the answer.</summary>
    public string Text { get; init; } = "";

    /// <summary>Done, and the connection closed without a word of it.</summary>
    public bool IsUnsaid { get; init; }
}
