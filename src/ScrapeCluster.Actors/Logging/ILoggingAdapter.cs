namespace ScrapeCluster.Actors;

/// <summary>Under a name of its own: the usual one belongs to the logging of the hosts.</summary>
public enum ActorLogLevel
{
    Debug,
    Info,
    Warning,
    Error,
}

/// <summary>An actor's log. Formats are those of <see cref="string.Format(string, object?[])"/>.</summary>
public interface ILoggingAdapter
{
    bool IsDebugEnabled { get; }

    bool IsInfoEnabled { get; }

    bool IsWarningEnabled { get; }

    bool IsErrorEnabled { get; }

    void Debug(string format, params object?[] args);

    void Info(string format, params object?[] args);

    void Warning(string format, params object?[] args);

    void Warning(Exception? cause, string format, params object?[] args);

    void Error(string format, params object?[] args);

    void Error(Exception? cause, string format, params object?[] args);
}

/// <summary>Takes the log lines of a system's actors; called from many threads.</summary>
public interface IActorLogSink
{
    bool IsEnabled(ActorLogLevel level);

    void Write(ActorLogLevel level, ActorPath source, Exception? cause, string message);
}

public static class LoggingExtensions
{
    /// <summary>The log of this actor; lines carry its path.</summary>
    public static ILoggingAdapter GetLogger(this IActorContext context) => context.System.LogFor(context.Self.Path);
}
