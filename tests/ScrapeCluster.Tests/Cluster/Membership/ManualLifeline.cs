using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Tests.Cluster.Membership;

/// <summary>The lifeline without its thread: turned by the manual clock each second, and at once by commands.</summary>
internal sealed class ManualLifeline(LifelineLoop loop, TimeProvider time, Action<LifelineReport> report) : ILifelineHand
{
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private TimeSpan _due;

    /// <summary>As if the process were stopped, or its database calls hung.</summary>
    public bool IsPaused { get; set; }

    public long? EpochNow => loop.Last.LeaderEpoch is { } epoch && Now() < loop.Last.TrustedUntil ? epoch : null;

    public void Start()
    {
        _due = Now();
        _timer = time.CreateTimer(_ => Turn(), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    public void LeaderDied(long epoch) => Command(_ => loop.LeaderDied(epoch));

    public void Abstain() => Command(loop.Abstain);

    public void JumpAbove(long epoch) => Command(_ => loop.JumpAbove(epoch));

    public void Dispose()
    {
        _timer?.Dispose();
        try
        {
            loop.Resign();
        }
        catch (StoreUnavailableException)
        {
            // The lease runs out by itself.
        }
    }

    private void Command(Action<TimeSpan> command)
    {
        lock (_lock)
        {
            command(Now());
        }

        Turn();
    }

    private void Turn()
    {
        if (IsPaused)
        {
            return;
        }

        lock (_lock)
        {
            var now = Now();
            var made = loop.Turn(now, now > _due ? now - _due : TimeSpan.Zero);
            _due = now + TimeSpan.FromSeconds(1);
            report(made);
        }
    }

    private TimeSpan Now() => time.GetElapsedTime(0);
}
