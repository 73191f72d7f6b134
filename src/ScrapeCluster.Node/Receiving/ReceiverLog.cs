using System.Net;

namespace ScrapeCluster.Node.Receiving;

/// <summary>Tells of requests that were not stored as they are: one line in a while, with how many there were.</summary>
internal sealed partial class ReceiverLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;
    private readonly Lock _guard = new();
    private long _told;
    private long _requests;
    private long _bad;

    public void Answered(WriteAnswer answer, IPAddress? sender)
    {
        var (requests, bad) = (0L, 0L);
        lock (_guard)
        {
            _requests++;
            if (answer.Text is null)
            {
                return;
            }

            _bad++;
            if (_told != 0 && time.GetElapsedTime(_told) < Window)
            {
                return;
            }

            _told = time.GetTimestamp();
            (requests, bad) = (_requests, _bad);
            (_requests, _bad) = (0, 0);
        }

        // A value of a label may hold a line end.
        var reason = new WriteFault(answer.Status, answer.Text).Line.TrimEnd().ReplaceLineEndings("; ");
        LogBad(bad, requests, answer.Status, sender, reason);
    }

    [LoggerMessage(LogIds.ReceivedBad, LogLevel.Warning, "{Bad} of {Requests} requests of remote write were not stored as they were; the last got {Status}, from {Sender}: {Reason}")]
    private partial void LogBad(long bad, long requests, int status, IPAddress? sender, string reason);
}
