using System.Globalization;

namespace ScrapeCluster.Actors;

internal sealed class ActorLog(IActorLogSink sink, ActorPath source) : ILoggingAdapter
{
    public bool IsDebugEnabled => sink.IsEnabled(ActorLogLevel.Debug);

    public bool IsInfoEnabled => sink.IsEnabled(ActorLogLevel.Info);

    public bool IsWarningEnabled => sink.IsEnabled(ActorLogLevel.Warning);

    public bool IsErrorEnabled => sink.IsEnabled(ActorLogLevel.Error);

    public void Debug(string format, params object?[] args) => Write(ActorLogLevel.Debug, null, format, args);

    public void Info(string format, params object?[] args) => Write(ActorLogLevel.Info, null, format, args);

    public void Warning(string format, params object?[] args) => Write(ActorLogLevel.Warning, null, format, args);

    public void Warning(Exception? cause, string format, params object?[] args) => Write(ActorLogLevel.Warning, cause, format, args);

    public void Error(string format, params object?[] args) => Write(ActorLogLevel.Error, null, format, args);

    public void Error(Exception? cause, string format, params object?[] args) => Write(ActorLogLevel.Error, cause, format, args);

    private void Write(ActorLogLevel level, Exception? cause, string format, object?[] args)
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
    public bool IsEnabled(ActorLogLevel level) => level >= ActorLogLevel.Warning;

    public void Write(ActorLogLevel level, ActorPath source, Exception? cause, string message) =>
        Console.Error.WriteLine(cause is null ? $"{level} {source}: {message}" : $"{level} {source}: {message}\n{cause}");
}
