using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Actors;

/// <summary>
/// An actor that reports its life to a probe and does what strings tell it: <c>throw</c>, <c>child:NAME</c> makes a child of the
/// same kind, anything else is reported with the number of the incarnation.
/// </summary>
internal sealed class Recorder : UntypedActor
{
    private readonly Settings _settings;
    private readonly int _incarnation;

    public Recorder(Settings settings)
    {
        _settings = settings;
        _incarnation = ++settings.Incarnations;
        if (settings.FailingConstructions-- > 0)
        {
            throw new InvalidOperationException("constructor");
        }
    }

    public static Props Props(Settings settings) => ScrapeCluster.Actors.Props.Create(() => new Recorder(settings));

    protected override SupervisorStrategy SupervisorStrategy() => _settings.Strategy ?? base.SupervisorStrategy();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case "throw":
                throw new InvalidOperationException("told to");
            case Exception e:
                throw e;
            case string text when text.StartsWith("child:", StringComparison.Ordinal):
                var settings = new Settings(_settings.Probe) { Name = text[6..] };
                Sender.Tell(Context.ActorOf(Props(settings), settings.Name));
                break;
            case Terminated terminated when _settings.HandlesTerminated:
                Report($"terminated {terminated.ActorRef.Path.Name}");
                break;
            case Watch watch:
                Context.Watch(watch.Actor);
                break;
            case string text:
                Report($"{text} {_incarnation}");
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PreStart() => Report("PreStart");

    protected override void PostStop() => Report("PostStop");

    protected override void PreRestart(Exception reason, object? message)
    {
        Report($"PreRestart {message}");
        if (!_settings.KeepsChildren)
        {
            base.PreRestart(reason, message);
        }
    }

    protected override void PostRestart(Exception reason)
    {
        Report("PostRestart");
        base.PostRestart(reason);
    }

    private void Report(string what) => _settings.Probe.Tell($"{_settings.Name}: {what}", ActorRefs.NoSender);

    public sealed record Watch(IActorRef Actor);

    public sealed class Settings(TestProbe probe)
    {
        public TestProbe Probe { get; } = probe;

        public string Name { get; init; } = "a";

        public int Incarnations { get; set; }

        public int FailingConstructions { get; set; }

        public bool KeepsChildren { get; init; }

        public bool HandlesTerminated { get; init; } = true;

        public SupervisorStrategy? Strategy { get; init; }
    }
}
