using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Connections to targets that may become this pool's.</summary>
internal sealed partial class ScrapePoolActor
{
    // As the connections themselves: see PreparedSockets.
    private static readonly TimeSpan PreparedFor = TimeSpan.FromSeconds(30);

    private readonly List<(PrepareTargets Message, IActorRef Asker)> _unprepared = [];
    private bool _hasPrepared;

    private sealed record ForgetPrepared;

    private void Prepare(PrepareTargets prepare)
    {
        _hasPrepared = true;
        Timers.StartSingleTimer(nameof(ForgetPrepared), new ForgetPrepared(), PreparedFor);
        if (_applied is { } applied)
        {
            Prepare(prepare, Sender, applied.Fetchers);
        }
        else if (_board.Failure is null)
        {
            _unprepared.Add((prepare, Sender));
        }
        else
        {
            Sender.Tell(new TargetsPrepared(prepare.Tag), Self);
        }
    }

    private void Prepare(PrepareTargets prepare, IActorRef asker, ITargetFetchers fetchers)
    {
        // Beside the actor: opening hundreds of connections takes a while even where none waits.
        Task.Run(() => fetchers.PrepareAsync(prepare.Targets, _context.Node.Shutdown)).PipeTo(asker, Self, () => new TargetsPrepared(prepare.Tag), _ => new TargetsPrepared(prepare.Tag));
    }

    /// <summary>The pool is built, or cannot be.</summary>
    private void PrepareWaiting()
    {
        foreach (var (message, asker) in _unprepared)
        {
            if (_applied is { } applied)
            {
                Prepare(message, asker, applied.Fetchers);
            }
            else
            {
                asker.Tell(new TargetsPrepared(message.Tag), Self);
            }
        }

        _unprepared.Clear();
    }

    private void Forget()
    {
        _hasPrepared = false;
        _applied?.Fetchers.ForgetPrepared();
        SayEmptyWhenDone();
    }
}
