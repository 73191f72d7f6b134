using System.Text.RegularExpressions;

namespace ScrapeCluster.Configuration.Hocon.Syntax;

internal sealed partial class HoconParser
{
    /// <summary>One value or a concatenation of values up to the end of the line, a comma or a closing bracket.</summary>
    private HoconNode ParseValue(IReadOnlyList<string> path)
    {
        if (++_depth > MaxDepth)
        {
            throw text.Fault($"values are nested deeper than {MaxDepth}");
        }

        var origin = text.Origin;
        var parts = new List<HoconNode>();
        while (true)
        {
            var blanks = text.TakeBlanks();
            if (text.AtEnd || text.AtComment || text.Current is '\n' or ',' or '}' or ']')
            {
                break;
            }

            if (blanks.Length > 0 && parts.Count > 0)
            {
                parts.Add(new BlankNode(text.Origin, blanks));
            }

            parts.Add(ParsePart(path));
        }

        _depth--;
        return parts.Count switch
        {
            0 => throw text.Unexpected("a value"),
            1 => parts[0],
            _ when parts.TrueForAll(part => part is BlankNode or ScalarNode) => new ScalarNode(origin, HoconScalarKind.String, Join(parts)),
            _ => new ConcatenationNode(origin, parts),
        };
    }

    private HoconNode ParsePart(IReadOnlyList<string> path)
    {
        switch (text.Current)
        {
            case '{':
                return ParseObject(path);
            case '[':
                return ParseArray(path);
            case '"':
                return new ScalarNode(text.Origin, HoconScalarKind.String, text.TakeQuoted());
            case '$' when text.At("${"):
                return ParseSubstitution();
            default:
                var origin = text.Origin;
                var unquoted = text.TakeUnquoted();
                return unquoted.Length > 0 ? new ScalarNode(origin, KindOf(unquoted), unquoted) : throw text.Unexpected("a value");
        }
    }

    private SubstitutionNode ParseSubstitution()
    {
        var origin = text.Origin;
        text.Take("${");
        var isOptional = text.Take("?");
        var path = ParsePath("a path", "}[");
        var isList = text.Take("[]");
        return text.Take("}")
            ? new SubstitutionNode(origin, path, prefix, isOptional, isList)
            : throw text.Unexpected($"'}}' to close ${{{string.Join('.', path)}");
    }

    private static string Join(List<HoconNode> parts) => string.Concat(parts.Select(part => part switch
    {
        BlankNode blank => blank.Text,
        ScalarNode scalar => scalar.Text,
        _ => "",
    }));

    private static HoconScalarKind KindOf(string unquoted) => unquoted switch
    {
        "true" or "false" => HoconScalarKind.Boolean,
        "null" => HoconScalarKind.Null,
        _ => JsonNumber().IsMatch(unquoted) ? HoconScalarKind.Number : HoconScalarKind.String,
    };

    [GeneratedRegex(@"\A-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    private static partial Regex JsonNumber();
}
