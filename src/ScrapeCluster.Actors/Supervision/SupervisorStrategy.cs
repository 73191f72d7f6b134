namespace ScrapeCluster.Actors;

/// <summary>What becomes of a child that failed.</summary>
public enum Directive
{
    /// <summary>The child goes on with its next message, state kept.</summary>
    Resume,

    /// <summary>A new instance takes over mailbox and path.</summary>
    Restart,

    /// <summary>The supervisor fails with the same cause.</summary>
    Escalate,

    Stop,
}

/// <summary>How an actor treats the failures of its children.</summary>
public abstract class SupervisorStrategy
{
    private readonly Func<Exception, Directive> _decider;
    private readonly int _maxRetries;
    private readonly TimeSpan? _window;

    private protected SupervisorStrategy(
        int maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> decider, bool loggingEnabled)
    {
        ArgumentNullException.ThrowIfNull(decider);
        _maxRetries = maxNrOfRetries;
        _window = withinTimeRange is { } given && given > TimeSpan.Zero ? given : null;
        _decider = decider;
        LogsFailures = loggingEnabled;
    }

    /// <summary>Restarts without limit; a failed creation and a <see cref="Kill"/> stop.</summary>
    public static SupervisorStrategy DefaultStrategy { get; } = new OneForOneStrategy(DefaultDecider);

    /// <summary>Stops whatever fails.</summary>
    public static SupervisorStrategy StoppingStrategy { get; } = new OneForOneStrategy(static _ => Directive.Stop);

    internal bool LogsFailures { get; }

    internal abstract bool AffectsSiblings { get; }

    public static Directive DefaultDecider(Exception cause) =>
        cause is ActorInitializationException or ActorKilledException or DeathPactException ? Directive.Stop : Directive.Restart;

    internal Directive Judge(Exception cause, LocalActorRef child, ChildFailures failures, long now, TimeProvider time)
    {
        var directive = _decider(cause);
        if (directive != Directive.Restart || (_maxRetries < 0 && _window is null))
        {
            return directive;
        }

        // One child's retries count for all under AllForOne, as all are restarted.
        var counted = AffectsSiblings ? null : child;
        return failures.PermitsRestart(counted, _maxRetries, _window, now, time) ? Directive.Restart : Directive.Stop;
    }
}

/// <summary>Applies the decision to the child that failed.</summary>
public sealed class OneForOneStrategy : SupervisorStrategy
{
    public OneForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, (TimeSpan?)null, localOnlyDecider)
    {
    }

    /// <param name="maxNrOfRetries">Restarts allowed within the time range; -1 is no limit. More stop the child.</param>
    /// <param name="withinTimeRange">The window of the limit; null or zero is the child's whole life.</param>
    /// <param name="localOnlyDecider">Decision by the cause.</param>
    /// <param name="loggingEnabled">Whether failures are logged.</param>
    public OneForOneStrategy(
        int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : base(maxNrOfRetries ?? -1, withinTimeRange, localOnlyDecider, loggingEnabled)
    {
    }

    internal override bool AffectsSiblings => false;
}

/// <summary>Applies the decision to all children.</summary>
public sealed class AllForOneStrategy : SupervisorStrategy
{
    public AllForOneStrategy(Func<Exception, Directive> localOnlyDecider)
        : this(-1, (TimeSpan?)null, localOnlyDecider)
    {
    }

    /// <inheritdoc cref="OneForOneStrategy(int?, TimeSpan?, Func{Exception, Directive}, bool)"/>
    public AllForOneStrategy(
        int? maxNrOfRetries, TimeSpan? withinTimeRange, Func<Exception, Directive> localOnlyDecider, bool loggingEnabled = true)
        : base(maxNrOfRetries ?? -1, withinTimeRange, localOnlyDecider, loggingEnabled)
    {
    }

    internal override bool AffectsSiblings => true;
}
