using System.Globalization;
using System.Security.Cryptography;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Receiving;

/// <summary>
/// <c>POST /api/v1/write</c>, off unless enabled: the body is received as fast as its sender sends it, then waits for one of a few turns, in which it is
/// unpacked and stored. So many senders at once cost time, not memory.
/// </summary>
internal sealed class WriteEndpoint
{
    private const string Path = "/api/v1/write";

    /// <summary>Seconds after which a sender that found no room should come again.</summary>
    private const string ComeAgain = "1";

    /// <summary>A sender waits 30 s by default, its own time on the way included.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly NodeContext _node;
    private readonly RemoteWriteReceiverSettings _settings;
    private readonly ByteBudget _budget;
    private readonly SemaphoreSlim _turns;
    private readonly ReceiverMetrics _metrics;
    private readonly WriteReceiver _receiver;
    private readonly ReceiverLog _log;

    private WriteEndpoint(NodeContext node, SampleIntake intake, ILoggerFactory loggers)
    {
        _node = node;
        _settings = node.Settings.RemoteWriteReceiver;
        _budget = new ByteBudget(_settings.MaxPendingBytes);
        _turns = new SemaphoreSlim(_settings.Concurrency);
        var known = new KnownSeries(node.Time);
        _metrics = new ReceiverMetrics(node.Metrics, () => _budget.Taken, () => known.Count);
        var keys = new SeriesKeys(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
        _receiver = new WriteReceiver(_settings, node.Settings.Storage.Wal.MetadataRecords, intake, known, keys, _metrics, node.Time);
        _log = new ReceiverLog(loggers.CreateLogger<WriteEndpoint>(), node.Time);
    }

    public static void Map(IEndpointRouteBuilder routes, NodeContext node, ILoggerFactory loggers)
    {
        if (node.Settings.RemoteWriteReceiver.Enabled && node.Intake is { } intake)
        {
            routes.MapPost(Path, new WriteEndpoint(node, intake, loggers).ServeAsync);
        }
        else
        {
            routes.MapPost(Path, http => SayAsync(
                http, StatusCodes.Status404NotFound, "remote write receiver needs to be enabled with --web.enable-remote-write-receiver\n"));
        }
    }

    private async Task ServeAsync(HttpContext http)
    {
        var fault = WriteContent.Negotiate(http.Request.ContentType, http.Request.Headers.ContentEncoding, out var message);
        if (fault is not null)
        {
            await AnswerAsync(http, null, WriteAnswer.Of(fault));
            return;
        }

        await AnswerAsync(http, message, await StoreAsync(http, message));
    }

    private async Task<WriteAnswer> StoreAsync(HttpContext http, WriteMessage message)
    {
        using var body = new ReceivedBody(_budget, _settings);
        if (await body.ReadAsync(http, http.RequestAborted) is { } fault)
        {
            return WriteAnswer.Of(fault);
        }

        using var tooLong = new CancellationTokenSource(Patience, _node.Time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, tooLong.Token);
        try
        {
            await _turns.WaitAsync(over.Token);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return WriteAnswer.Of(WriteFault.Unavailable(
                $"the request found no turn within {Patience.TotalSeconds:0} s: send again later, or raise scrapecluster.remote-write-receiver.concurrency"));
        }

        try
        {
            return await _receiver.StoreAsync(message, body.Bytes);
        }
        finally
        {
            _turns.Release();
        }
    }

    private Task AnswerAsync(HttpContext http, WriteMessage? message, WriteAnswer answer)
    {
        _metrics.Answered(message, answer.Status);
        _log.Answered(answer, http.Connection.RemoteIpAddress);
        if (message == WriteMessage.V2)
        {
            http.Response.Headers["X-Prometheus-Remote-Write-Samples-Written"] = answer.Samples.ToString(CultureInfo.InvariantCulture);
            http.Response.Headers["X-Prometheus-Remote-Write-Histograms-Written"] = "0";
            http.Response.Headers["X-Prometheus-Remote-Write-Exemplars-Written"] = "0";
        }

        if (answer.Status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = ComeAgain;
        }

        return SayAsync(http, answer.Status, answer.Text is { } text ? new WriteFault(answer.Status, text).Line : null);
    }

    private static Task SayAsync(HttpContext http, int status, string? text)
    {
        http.Response.StatusCode = status;
        if (text is null)
        {
            return Task.CompletedTask;
        }

        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}
