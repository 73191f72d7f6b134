namespace ScrapeCluster.Configuration.Hocon.Syntax;

/// <summary>
/// Nodes to values: merges what was assigned to each field and puts values in the place of substitutions (HOCON.md, "Substitutions",
/// "Self-Referential Substitutions").
/// </summary>
/// <remarks>
/// A field is the list of its assignments. While one of them is being evaluated, a substitution that comes back to the same field sees only the
/// assignments before it: that is the specification's "look back", and with nothing before it the substitution has no value.
/// </remarks>
internal sealed partial class HoconResolver(ObjectNode root, Func<string, string?> environment)
{
    // A longer chain would end the process by its stack rather than with a fault.
    private const int MaxChain = 500;

    private readonly PeeledObject _root = new(root.Origin, [root]);

    // In the order of their start, so that a cycle can be told as a chain.
    private readonly List<HoconNode> _evaluating = [];
    private readonly HashSet<HoconNode> _materialising = [];
    private readonly Dictionary<HoconNode, Peeled?> _evaluated = [];

    public HoconObject Resolve() => Materialise(_root);

    private HoconObject Materialise(PeeledObject peeled)
    {
        var fields = new OrderedDictionary<string, HoconValue>(StringComparer.Ordinal);
        foreach (var key in peeled.Keys)
        {
            if (Materialise(peeled.Assignments(key)) is { } value)
            {
                fields.Add(key, value);
            }
        }

        return new HoconObject(peeled.Origin, fields);
    }

    private HoconValue? Materialise(IReadOnlyList<HoconNode> assignments)
    {
        var entered = Enter(assignments);
        HoconValue? value = Peel(assignments, assignments.Count) switch
        {
            null => null,
            PeeledScalar scalar => new HoconScalar(scalar.Origin, scalar.Kind, scalar.Text),
            PeeledArray array => new HoconArray(array.Origin, [.. array.Items.Select(item => Materialise([item])).OfType<HoconValue>()]),
            PeeledObject child => Materialise(child),
            _ => throw new InvalidOperationException("unknown kind of value"),
        };
        _materialising.ExceptWith(entered);
        return value;
    }

    /// <summary>A substitution met again inside its own value (<c>a { b = ${a} }</c>) would never end.</summary>
    private List<HoconNode> Enter(IReadOnlyList<HoconNode> assignments)
    {
        var entered = new List<HoconNode>();
        foreach (var node in assignments)
        {
            if (node is SubstitutionNode or ConcatenationNode or AppendNode)
            {
                entered.Add(_materialising.Add(node) ? node : throw new HoconException(node.Origin, $"{Name(node)} contains itself"));
            }
        }

        return entered;
    }

    /// <summary>The value of a field from its first <paramref name="count"/> assignments.</summary>
    private Peeled? Peel(IReadOnlyList<HoconNode> assignments, int count)
    {
        var layers = new List<ObjectNode>();
        HoconOrigin origin = default;
        for (var index = count - 1; index >= 0; index--)
        {
            var value = assignments[index] is AppendNode append
                ? Append(Peel(assignments, index), append)
                : Evaluate(assignments[index]);
            if (value is PeeledObject above)
            {
                origin = layers.Count == 0 ? above.Origin : origin;
                layers.InsertRange(0, above.Layers);
            }
            else if (value is not null)
            {
                // A value that is no object hides what lies below it, and is hidden by an object above it.
                return layers.Count == 0 ? value : new PeeledObject(origin, layers);
            }

            if (assignments[index] is AppendNode)
            {
                break;
            }
        }

        return layers.Count == 0 ? null : new PeeledObject(origin, layers);
    }

    private Peeled? Evaluate(HoconNode node)
    {
        switch (node)
        {
            case ScalarNode scalar:
                return new PeeledScalar(scalar.Origin, scalar.Kind, scalar.Text);
            case ArrayNode array:
                return new PeeledArray(array.Origin, array.Items);
            case ObjectNode child:
                return new PeeledObject(child.Origin, [child]);
        }

        if (_evaluated.TryGetValue(node, out var known))
        {
            return known;
        }

        if (_evaluating.Contains(node))
        {
            throw new HoconException(node.Origin, $"cycle: {Chain(node)}");
        }

        if (_evaluating.Count == MaxChain)
        {
            throw new HoconException(node.Origin, $"substitutions refer to each other over more than {MaxChain} steps");
        }

        _evaluating.Add(node);
        var value = node switch
        {
            SubstitutionNode substitution => Substitute(substitution),
            ConcatenationNode concatenation => Concatenate(concatenation),
            _ => throw new InvalidOperationException("unknown kind of node"),
        };
        _evaluating.RemoveAt(_evaluating.Count - 1);
        return _evaluated[node] = value;
    }

    private Peeled? Substitute(SubstitutionNode substitution)
    {
        var lookedBack = false;
        var value = substitution.Prefix.Count == 0 ? null : Find([.. substitution.Prefix, .. substitution.Path], ref lookedBack);
        value ??= Find(substitution.Path, ref lookedBack) ?? FromEnvironment(substitution);
        if (value is not null || substitution.IsOptional)
        {
            return value;
        }

        var path = string.Join('.', substitution.Path);
        throw new HoconException(substitution.Origin, lookedBack
            ? $"cycle: {Chain(substitution)}, and {path} has no earlier value"
            : $"{substitution} has no value: there is no key {path} and no environment variable of that name; write ${{?{path}}} if it may be absent");
    }

    private Peeled? Find(IReadOnlyList<string> path, ref bool lookedBack)
    {
        Peeled? value = _root;
        foreach (var key in path)
        {
            if (value is not PeeledObject parent)
            {
                return null;
            }

            var assignments = parent.Assignments(key);
            var visible = 0;
            while (visible < assignments.Count && !IsEvaluating(assignments[visible]))
            {
                visible++;
            }

            lookedBack |= visible < assignments.Count;
            value = Peel(assignments, visible);
        }

        return value;
    }

    private bool IsEvaluating(HoconNode node) => node is SubstitutionNode or ConcatenationNode && _evaluating.Contains(node);

    private PeeledScalar? FromEnvironmentVariable(string name, HoconOrigin origin) =>
        environment(name) is { Length: > 0 } text ? new PeeledScalar(origin with { Source = $"environment variable {name}", Line = 0 }, HoconScalarKind.String, text) : null;

    private Peeled? FromEnvironment(SubstitutionNode substitution)
    {
        var name = string.Join('.', substitution.Path);
        if (!substitution.IsList)
        {
            return FromEnvironmentVariable(name, substitution.Origin);
        }

        var items = new List<HoconNode>();
        while (environment(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}_{items.Count}")) is { Length: > 0 } text)
        {
            items.Add(new ScalarNode(substitution.Origin, HoconScalarKind.String, text));
        }

        return items.Count == 0 ? null : new PeeledArray(substitution.Origin, items);
    }

    private string Chain(HoconNode end)
    {
        var links = _evaluating.Append(end).OfType<SubstitutionNode>().Select(link => $"{link} ({link.Origin})");
        return string.Join(" -> ", links.Distinct());
    }

    private static string Name(HoconNode node) => node switch
    {
        SubstitutionNode substitution => substitution.ToString(),
        ConcatenationNode concatenation => concatenation.Parts.OfType<SubstitutionNode>().First().ToString(),
        _ => "a value",
    };
}
