namespace ScrapeCluster.Actors;

public enum LogLevel
{
    DebugLevel,
    InfoLevel,
    WarningLevel,
    ErrorLevel,
}

/// <summary>An actor's log. Formats are those of <see cref="string.Format(string, object?[])"/>.</summary>
public interface ILoggingAdapter
{
    bool IsDebugEnabled { get; }

    bool IsInfoEnabled { get; }

    bool IsWarningEnabled { get; }

    bool IsErrorEnabled { get; }

    bool IsEnabled(LogLevel logLevel);

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
    bool IsEnabled(LogLevel level);

    void Write(LogLevel level, ActorPath source, Exception? cause, string message);
}

public static class LoggingExtensions
{
    /// <summary>The log of this actor; lines carry its path.</summary>
    public static ILoggingAdapter GetLogger(this IActorContext context) => context.System.LogFor(context.Self.Path);
}
