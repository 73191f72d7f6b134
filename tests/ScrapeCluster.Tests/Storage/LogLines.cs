using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Tests.Storage;

/// <summary>What was logged, from any thread.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    private readonly Lock _guard = new();
    private readonly List<(LogLevel Level, string Text)> _lines = [];

    /// <summary>Warnings and errors, with the message of their exception.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_guard)
            {
                return [.. _lines.Where(line => line.Level >= LogLevel.Warning).Select(line => line.Text)];
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_guard)
        {
            _lines.Add((logLevel, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} ({exception.Message})"));
        }
    }

    public void Clear()
    {
        lock (_guard)
        {
            _lines.Clear();
        }
    }

    public void Dispose()
    {
    }
}
