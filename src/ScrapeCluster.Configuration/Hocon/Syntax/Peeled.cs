namespace ScrapeCluster.Configuration.Hocon.Syntax;

/// <summary>
/// A value known by its kind, its inside not yet resolved: so that <c>bar { foo = 42, baz = ${bar.foo} }</c> is no cycle. Null stands for "no value".
/// </summary>
internal abstract record Peeled(HoconOrigin Origin);

internal sealed record PeeledScalar(HoconOrigin Origin, HoconScalarKind Kind, string Text) : Peeled(Origin);

internal sealed record PeeledArray(HoconOrigin Origin, IReadOnlyList<HoconNode> Items) : Peeled(Origin);

/// <summary>An object made of layers, the later ones winning field by field.</summary>
internal sealed record PeeledObject(HoconOrigin Origin, IReadOnlyList<ObjectNode> Layers) : Peeled(Origin)
{
    public IEnumerable<string> Keys => Layers.SelectMany(layer => layer.Keys).Distinct(StringComparer.Ordinal);

    /// <summary>Every value assigned to the field in any layer, oldest first.</summary>
    public IReadOnlyList<HoconNode> Assignments(string key) =>
        Layers.Count == 1 ? Layers[0].Assignments(key) : [.. Layers.SelectMany(layer => layer.Assignments(key))];
}
