using System.Diagnostics;

namespace ScrapeCluster.Node.Hosting;

/// <summary>The door for faults after which the process must not go on: what it holds in memory cannot be trusted, or it only seems to live.</summary>
internal sealed class ProcessEnd(ILoggerFactory loggers)
{
    private const int ExitCode = 1;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly ILogger _log = loggers.CreateLogger<ProcessEnd>();

    public void StorageLost(Exception cause)
    {
        _log.StorageLost(cause);
        End();
    }

    public void Hung(string reason)
    {
        _log.ProcessHangs(reason);
        End();
    }

    private void End()
    {
        // A process that hangs may hang in its own end too.
        new Thread(static () =>
        {
            Thread.Sleep(Grace);
            Process.GetCurrentProcess().Kill();
        })
        { IsBackground = true, Name = "last resort" }.Start();
        loggers.Dispose(); // writes out what the console still holds
        Environment.Exit(ExitCode);
    }
}
