namespace ScrapeCluster.Configuration.Hocon.Syntax;

/// <summary>What the parser makes: values as written, before substitutions.</summary>
internal abstract class HoconNode(HoconOrigin origin)
{
    public HoconOrigin Origin { get; } = origin;
}

internal sealed class ScalarNode(HoconOrigin origin, HoconScalarKind kind, string text) : HoconNode(origin)
{
    public HoconScalarKind Kind { get; } = kind;

    public string Text { get; } = text;
}

internal sealed class ArrayNode(HoconOrigin origin, IReadOnlyList<HoconNode> items) : HoconNode(origin)
{
    public IReadOnlyList<HoconNode> Items { get; } = items;
}

/// <summary>Blanks between two parts of a concatenation: text between strings, nothing between arrays or objects.</summary>
internal sealed class BlankNode(HoconOrigin origin, string text) : HoconNode(origin)
{
    public string Text { get; } = text;
}

internal sealed class ConcatenationNode(HoconOrigin origin, IReadOnlyList<HoconNode> parts) : HoconNode(origin)
{
    public IReadOnlyList<HoconNode> Parts { get; } = parts;
}

/// <summary><c>key += item</c>: the value assigned before, with one item more.</summary>
internal sealed class AppendNode(HoconOrigin origin, HoconNode item) : HoconNode(origin)
{
    public HoconNode Item { get; } = item;
}

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
/// <param name="origin">Where it was written.</param>
/// <param name="path">As written.</param>
/// <param name="prefix">The path at which the file that holds it was included: the substitution is looked up below it first.</param>
/// <param name="isOptional">Whether it may have no value.</param>
/// <param name="isList">Whether <c>[]</c> followed the path: environment variables path_0, path_1, ... form a list.</param>
internal sealed class SubstitutionNode(HoconOrigin origin, IReadOnlyList<string> path, IReadOnlyList<string> prefix, bool isOptional, bool isList)
    : HoconNode(origin)
{
    public IReadOnlyList<string> Path { get; } = path;

    public IReadOnlyList<string> Prefix { get; } = prefix;

    public bool IsOptional { get; } = isOptional;

    public bool IsList { get; } = isList;

    public override string ToString() => $"${{{(IsOptional ? "?" : "")}{string.Join('.', Path)}{(IsList ? "[]" : "")}}}";
}
