using System.IO.Enumeration;

namespace ScrapeCluster.Actors;

/// <summary>Actors by path, looked up anew at each <c>Tell</c>; <c>*</c> and <c>?</c> stand for any part of one name.</summary>
public sealed class ActorSelection : ICanTell
{
    private readonly ActorSystem _system;
    private readonly LocalActorRef _anchor;
    private readonly string[] _elements;

    private ActorSelection(ActorSystem system, LocalActorRef anchor, string[] elements)
    {
        _system = system;
        _anchor = anchor;
        _elements = elements;
    }

    public IActorRef Anchor => _anchor;

    public string PathString => "/" + string.Join('/', _elements);

    public void Tell(object message, IActorRef? sender)
    {
        var found = Resolve();
        foreach (var actor in found)
        {
            actor.Tell(message, sender);
        }

        if (found.Count == 0)
        {
            _system.DeadLetterRef.Tell(message, sender);
        }
    }

    public void Tell(object message) => Tell(message, ActorCell.Current?.Self);

    /// <summary>The one actor; fails with <see cref="ActorNotFoundException"/> when none answers in time.</summary>
    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        try
        {
            var identity = await this.Ask<ActorIdentity>(new Identify(this), timeout, cancellationToken).ConfigureAwait(false);
            return identity.Subject ?? throw new ActorNotFoundException($"There is no actor at {this}.");
        }
        catch (AskTimeoutException)
        {
            throw new ActorNotFoundException($"No actor at {this} answered within {timeout}.");
        }
    }

    public override string ToString() => $"ActorSelection[{_anchor.Path}{PathString}]";

    internal ActorSystem System => _system;

    internal static ActorSelection Parse(ActorSystem system, LocalActorRef relativeTo, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var scheme = $"akka://{system.Name}";
        if (path.StartsWith(scheme, StringComparison.Ordinal))
        {
            path = path[scheme.Length..];
        }

        var anchor = path.StartsWith('/') ? system.Root : relativeTo;
        return new ActorSelection(system, anchor, path.Split('/', StringSplitOptions.RemoveEmptyEntries));
    }

    private List<IActorRef> Resolve()
    {
        List<IActorRef> level = [_anchor];
        foreach (var element in _elements)
        {
            var next = new List<IActorRef>();
            foreach (var actor in level.OfType<LocalActorRef>())
            {
                Step(actor, element, next);
            }

            level = next;
        }

        return level;
    }

    private void Step(LocalActorRef from, string element, List<IActorRef> found)
    {
        if (element is ".")
        {
            found.Add(from);
        }
        else if (element is "..")
        {
            if (from.Cell.ParentRef is LocalActorRef parent)
            {
                found.Add(parent);
            }
        }
        else if (element.AsSpan().ContainsAny('*', '?'))
        {
            found.AddRange(from.Cell.Children().Where(c => FileSystemName.MatchesSimpleExpression(element, c.Path.Name, ignoreCase: false)));
        }
        else if (element is "deadLetters" && ReferenceEquals(from, _system.Root))
        {
            found.Add(_system.DeadLetterRef);
        }
        else if (from.Cell.Child(element) is LocalActorRef child)
        {
            found.Add(child);
        }
    }
}
