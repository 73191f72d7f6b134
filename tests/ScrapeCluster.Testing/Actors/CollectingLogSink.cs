using System.Collections.Concurrent;

namespace ScrapeCluster.Testing;

/// <summary>Keeps the log lines of actors.</summary>
public sealed class CollectingLogSink : IActorLogSink
{
    public ConcurrentQueue<Line> Lines { get; } = new();

    public bool IsEnabled(ActorLogLevel level) => true;

    public void Write(ActorLogLevel level, ActorPath source, Exception? cause, string message) =>
        Lines.Enqueue(new Line(level, source, cause, message));

    public sealed record Line(ActorLogLevel Level, ActorPath Source, Exception? Cause, string Message);
}
