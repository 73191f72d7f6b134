
namespace ScrapeCluster.Node.Logging;

/// <summary>Takes what actors log into the node's log, with the actor's path as source.</summary>
internal sealed class ActorLogBridge(ILoggerFactory loggers) : IActorLogSink
{
    private readonly ILogger _log = loggers.CreateLogger("ScrapeCluster.Actors");

    public bool IsEnabled(ActorLogLevel level) => _log.IsEnabled(Translate(level));

    public void Write(ActorLogLevel level, ActorPath source, Exception? cause, string message)
    {
        // Formatted already: the text must not be taken for a template.
        var translated = Translate(level);
        if (_log.IsEnabled(translated))
        {
            _log.Log(translated, LogIds.ActorLine, new ActorLine(source, message), cause, static (line, _) => line.Message);
        }
    }

    private static LogLevel Translate(ActorLogLevel level) => level switch
    {
        ActorLogLevel.Debug => LogLevel.Debug,
        ActorLogLevel.Info => LogLevel.Information,
        ActorLogLevel.Warning => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    private sealed record ActorLine(ActorPath Source, string Message) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => 1;

        public KeyValuePair<string, object?> this[int index] => new("actor", Source.ToString());

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            yield return this[0];
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
