using System.Text;

namespace ScrapeCluster.Configuration.Hocon.Syntax;

internal sealed partial class HoconResolver
{
    /// <summary>Strings are joined with the blanks between them, arrays follow each other, objects are merged; kinds cannot be mixed.</summary>
    private Peeled? Concatenate(ConcatenationNode concatenation)
    {
        var values = new List<Peeled>();
        foreach (var part in concatenation.Parts)
        {
            if (part is not BlankNode && Evaluate(part) is { } value)
            {
                values.Add(value);
            }
        }

        return values.Count == 0
            ? HasText(concatenation) ? new PeeledScalar(concatenation.Origin, HoconScalarKind.String, "") : null
            : values switch
            {
                _ when values.TrueForAll(value => value is PeeledScalar) => JoinText(concatenation),
                _ when values.TrueForAll(value => value is PeeledObject) => Merge(concatenation, values),
                _ when values.TrueForAll(value => value is PeeledArray || IsIndexed(value)) => JoinArrays(concatenation, values),
                _ => throw new HoconException(
                    concatenation.Origin,
                    $"{string.Join(" and ", values.Select(Kind).Distinct())} cannot be put together into one value; only values of one kind can"),
            };
    }

    private Peeled Append(Peeled? before, AppendNode append)
    {
        return before switch
        {
            null => new PeeledArray(append.Origin, [append.Item]),
            PeeledArray array => new PeeledArray(append.Origin, [.. array.Items, append.Item]),
            PeeledObject indexed when IsIndexed(indexed) => new PeeledArray(append.Origin, [.. Items(indexed), append.Item]),
            _ => throw new HoconException(append.Origin, $"+= adds to an array, but the value before it ({before.Origin}) is {Kind(before)}"),
        };
    }

    private static bool HasText(ConcatenationNode concatenation) => concatenation.Parts.Any(part => part is ScalarNode);

    private PeeledScalar JoinText(ConcatenationNode concatenation)
    {
        var text = new StringBuilder();
        foreach (var part in concatenation.Parts)
        {
            text.Append(part is BlankNode blank ? blank.Text : ((PeeledScalar?)Evaluate(part))?.Text);
        }

        return new PeeledScalar(concatenation.Origin, HoconScalarKind.String, text.ToString());
    }

    private static PeeledObject Merge(ConcatenationNode concatenation, List<Peeled> values) =>
        new(concatenation.Origin, [.. values.Cast<PeeledObject>().SelectMany(value => value.Layers)]);

    private static PeeledArray JoinArrays(ConcatenationNode concatenation, List<Peeled> values) =>
        new(concatenation.Origin, [.. values.SelectMany(value => value is PeeledArray array ? array.Items : Items((PeeledObject)value))]);

    /// <summary>HOCON.md, "Conversion of numerically-indexed objects to arrays".</summary>
    private static bool IsIndexed(Peeled value) => value is PeeledObject indexed && indexed.Keys.Any(key => TryIndex(key, out _));

    private static IEnumerable<HoconNode> Items(PeeledObject indexed) => indexed.Keys
        .Where(key => TryIndex(key, out _))
        .OrderBy(key => TryIndex(key, out var index) ? index : 0)
        .Select(key => indexed.Assignments(key)[^1]);

    private static bool TryIndex(string key, out int index) =>
        int.TryParse(key, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out index);

    private static string Kind(Peeled value) => value switch
    {
        PeeledArray => "an array",
        PeeledObject => "an object",
        _ => "a text",
    };
}
