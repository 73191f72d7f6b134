using System.Globalization;

namespace ScrapeCluster.Actors;

internal sealed class ActorLog(IActorLogSink sink, ActorPath source) : ILoggingAdapter
{
    public bool IsDebugEnabled => IsEnabled(LogLevel.DebugLevel);

    public bool IsInfoEnabled => IsEnabled(LogLevel.InfoLevel);

    public bool IsWarningEnabled => IsEnabled(LogLevel.WarningLevel);

    public bool IsErrorEnabled => IsEnabled(LogLevel.ErrorLevel);

    public bool IsEnabled(LogLevel logLevel) => sink.IsEnabled(logLevel);

    public void Debug(string format, params object?[] args) => Write(LogLevel.DebugLevel, null, format, args);

    public void Info(string format, params object?[] args) => Write(LogLevel.InfoLevel, null, format, args);

    public void Warning(string format, params object?[] args) => Write(LogLevel.WarningLevel, null, format, args);

    public void Warning(Exception? cause, string format, params object?[] args) => Write(LogLevel.WarningLevel, cause, format, args);

    public void Error(string format, params object?[] args) => Write(LogLevel.ErrorLevel, null, format, args);

    public void Error(Exception? cause, string format, params object?[] args) => Write(LogLevel.ErrorLevel, cause, format, args);

    private void Write(LogLevel level, Exception? cause, string format, object?[] args)
    {
        if (sink.IsEnabled(level))
        {
            var message = args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
            sink.Write(level, source, cause, message);
        }
    }
}

/// <summary>Warnings and errors to the standard error stream.</summary>
internal sealed class ConsoleLogSink : IActorLogSink
{
    public bool IsEnabled(LogLevel level) => level >= LogLevel.WarningLevel;

    public void Write(LogLevel level, ActorPath source, Exception? cause, string message) =>
        Console.Error.WriteLine(cause is null ? $"{level} {source}: {message}" : $"{level} {source}: {message}\n{cause}");
}
