namespace ScrapeCluster.Actors;

/// <summary>What a system is given from outside.</summary>
public sealed record ActorSystemSettings
{
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where actors' log lines go; by default warnings and errors to the standard error stream.</summary>
    public IActorLogSink LogSink { get; init; } = new ConsoleLogSink();

    /// <summary>Dead letters logged one by one in each <see cref="DeadLetterWindow"/>; the rest is counted.</summary>
    public int DeadLettersLogged { get; init; } = 10;

    public TimeSpan DeadLetterWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Exact types of messages that nobody misses, as <see cref="IDeadLetterSuppression"/> says of others: for assemblies that know nothing of actors.</summary>
    public IReadOnlySet<Type> DeadLettersUnlogged { get; init; } = new HashSet<Type>();

    /// <summary>Mailboxes for <see cref="Props.WithMailbox"/>: name and the length at which further messages are dead letters.</summary>
    public IReadOnlyDictionary<string, int> BoundedMailboxes { get; init; } = new Dictionary<string, int>();

    internal int MailboxCapacity(string name)
    {
        if (name.Length == 0)
        {
            return int.MaxValue;
        }

        return BoundedMailboxes.TryGetValue(name, out var capacity)
            ? capacity
            : throw new InvalidOperationException($"There is no mailbox '{name}' in {nameof(ActorSystemSettings)}.{nameof(BoundedMailboxes)}.");
    }
}
