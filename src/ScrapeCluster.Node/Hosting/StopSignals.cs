using System.Runtime.InteropServices;

namespace ScrapeCluster.Node.Hosting;

/// <summary>
/// Counts what asks the process to end. The first signal begins the stop, which takes what time it needs; whoever sends a second one does not want to wait. An
/// order over the API is none of them: a script that lets the node leave and then sends the usual signal must not cut short what it ordered.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _hurry = new();
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;
    private int _count;

    public StopSignals()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Count);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Count);
    }

    /// <summary>Cancelled by the second signal: nothing is waited for any more that others, or the next start, can make good.</summary>
    public CancellationToken Hurry => _hurry.Token;

    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
        _hurry.Dispose();
    }

    private void Count(PosixSignalContext signal)
    {
        var count = Interlocked.Increment(ref _count);
        if (count == 1)
        {
            // The host's, once it runs; before that it ends the process as it does any other.
            return;
        }

        signal.Cancel = true;
        if (count == 2)
        {
            _hurry.Cancel();
        }
    }
}
