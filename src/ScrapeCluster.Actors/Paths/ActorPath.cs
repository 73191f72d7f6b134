using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Actors;

/// <summary>Place of an actor in the tree: <c>akka://system/user/parent/child</c>. Equality is by place, not by incarnation.</summary>
public sealed class ActorPath : IEquatable<ActorPath>, IComparable<ActorPath>
{
    private readonly ActorPath? _parent;
    private readonly string _system;
    private readonly int _depth;
    private string? _text;

    private ActorPath(string system, ActorPath? parent, string name, long uid)
    {
        _system = system;
        _parent = parent;
        _depth = parent is null ? 0 : parent._depth + 1;
        Name = name;
        Uid = uid;
    }

    public string Name { get; }

    /// <summary>Tells incarnations of the same place apart; 0 where there is only one.</summary>
    public long Uid { get; }

    /// <summary>The parent; the root is its own.</summary>
    public ActorPath Parent => _parent ?? this;

    public ActorPath Root
    {
        get
        {
            var path = this;
            while (path._parent is { } parent)
            {
                path = parent;
            }

            return path;
        }
    }

    /// <summary>The names from below the root to here.</summary>
    public IReadOnlyList<string> Elements
    {
        get
        {
            var elements = new string[_depth];
            for (var path = this; path._parent is { } parent; path = parent)
            {
                elements[path._depth - 1] = path.Name;
            }

            return elements;
        }
    }

    public static bool operator ==(ActorPath? left, ActorPath? right) => Equals(left, right);

    public static bool operator !=(ActorPath? left, ActorPath? right) => !Equals(left, right);

    public static ActorPath operator /(ActorPath parent, string name) => parent.Child(name);

    public static ActorPath OfRoot(string system) => new(system, null, "/", 0);

    public ActorPath Child(string name) => new(_system, this, name, 0);

    public ActorPath WithUid(long uid) => new(_system, _parent, Name, uid);

    /// <summary>The path without the system: <c>/user/parent/child</c>.</summary>
    public string ToStringWithoutAddress() => "/" + string.Join('/', Elements);

    public override string ToString() => _text ??= $"akka://{_system}{ToStringWithoutAddress()}";

    public int CompareTo(ActorPath? other) => other is null ? 1 : string.CompareOrdinal(ToString(), other.ToString());

    public bool Equals([NotNullWhen(true)] ActorPath? other)
    {
        if (other is null || _depth != other._depth || _system != other._system)
        {
            return false;
        }

        for (ActorPath? mine = this, its = other; mine is not null; mine = mine._parent, its = its!._parent)
        {
            if (ReferenceEquals(mine, its))
            {
                return true;
            }

            if (mine.Name != its!.Name)
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    public override int GetHashCode() => HashCode.Combine(Name, _depth, _parent?.Name);
}
