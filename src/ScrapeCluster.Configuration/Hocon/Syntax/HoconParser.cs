using System.Text;

namespace ScrapeCluster.Configuration.Hocon.Syntax;

/// <summary>
/// HOCON as its public specification has it (https://github.com/lightbend/config/blob/main/HOCON.md): text to nodes. Included files are read
/// through <paramref name="files"/> while parsing.
/// </summary>
/// <param name="text">The text, at its start.</param>
/// <param name="prefix">The path at which this text is included; empty at the root.</param>
/// <param name="files">Reads what is included, with the files open at this point.</param>
internal sealed partial class HoconParser(HoconText text, IReadOnlyList<string> prefix, HoconFiles files)
{
    // Deeper texts would end the process by its stack rather than with a fault.
    private const int MaxDepth = 200;

    private int _depth;

    /// <summary>The root object; its braces may be absent.</summary>
    public ObjectNode ParseRoot()
    {
        text.SkipLines();
        if (text.Current == '[')
        {
            throw text.Fault("the root is an array; settings need an object");
        }

        var root = new ObjectNode(text.Origin);
        if (text.Take("{"))
        {
            ParseFields(root, prefix, '}');
            text.SkipLines();
        }
        else
        {
            ParseFields(root, prefix, '\0');
        }

        return text.AtEnd ? root : throw text.Unexpected("the end");
    }

    private void ParseFields(ObjectNode target, IReadOnlyList<string> path, char close)
    {
        for (text.SkipLines(); !TakeClose(close); TakeSeparator(close))
        {
            if (AtInclude())
            {
                ParseInclude(target, path);
            }
            else
            {
                ParseField(target, path);
            }
        }
    }

    private void ParseField(ObjectNode target, IReadOnlyList<string> path)
    {
        var origin = text.Origin;
        var key = ParsePath("a key", "{:=+");
        text.SkipLines();
        string[] full = [.. path, .. key];
        if (full.Length > MaxDepth)
        {
            throw new HoconException(origin, $"keys are nested deeper than {MaxDepth}");
        }

        if (text.Take("+="))
        {
            text.SkipLines();
            target.Add(key, new AppendNode(origin, ParseValue(full)));
            return;
        }

        if (text.Current != '{' && !text.Take(":") && !text.Take("="))
        {
            throw text.Unexpected($"'=', ':', '+=' or '{{' after the key \"{string.Join('.', key)}\"");
        }

        text.SkipLines();
        target.Add(key, ParseValue(full));
    }

    private ArrayNode ParseArray(IReadOnlyList<string> path)
    {
        var origin = text.Origin;
        text.Take("[");
        var items = new List<HoconNode>();
        for (text.SkipLines(); !TakeClose(']'); TakeSeparator(']'))
        {
            items.Add(ParseValue(path));
        }

        return new ArrayNode(origin, items);
    }

    private ObjectNode ParseObject(IReadOnlyList<string> path)
    {
        var target = new ObjectNode(text.Origin);
        text.Take("{");
        ParseFields(target, path, '}');
        return target;
    }

    private bool TakeClose(char close)
    {
        if (close == '\0' ? text.AtEnd : text.Take(close.ToString()))
        {
            return true;
        }

        return text.AtEnd
            ? throw text.Unexpected($"'{close}'")
            : text.Current == ',' ? throw text.Fault("a comma without a value before it") : false;
    }

    /// <summary>A comma, the end of a line, or what closes the list must follow a value.</summary>
    private void TakeSeparator(char close)
    {
        var lineEnded = text.SkipLines();
        if (text.Take(","))
        {
            text.SkipLines();
        }
        else if (!lineEnded && !text.AtEnd && text.Current != close)
        {
            throw text.Unexpected("a comma or the end of the line");
        }
    }

    /// <summary>A path expression: elements between dots, up to the end of the line or one of <paramref name="ends"/>.</summary>
    private string[] ParsePath(string what, string ends)
    {
        var elements = new List<string>();
        do
        {
            elements.Add(ParsePathElement(what, ends, isFirst: elements.Count == 0));
        }
        while (text.Take("."));

        return [.. elements];
    }

    /// <summary>Quoted, unquoted or a mixture. Blanks belong to it, but for those before the path and behind it.</summary>
    private string ParsePathElement(string what, string ends, bool isFirst)
    {
        var element = new StringBuilder();
        var isGiven = false;
        while (true)
        {
            var blanks = text.TakeBlanks();
            if (AtPathEnd(ends))
            {
                break;
            }

            element.Append(isFirst && !isGiven ? "" : blanks);
            if (text.Current == '.')
            {
                break;
            }

            element.Append(text.Current == '"' ? text.TakeQuoted() : TakeUnquotedPart(what));
            isGiven = true;
        }

        if (isGiven)
        {
            return element.ToString();
        }

        throw isFirst && text.Current != '.'
            ? text.Unexpected(what)
            : text.Fault($"{what} has an empty element; quote it (\"\") if it is meant");
    }

    private bool AtPathEnd(string ends) => text.AtEnd || text.Current == '\n' || text.AtComment || ends.Contains(text.Current, StringComparison.Ordinal);

    private string TakeUnquotedPart(string what)
    {
        var part = text.TakeUnquoted(alsoStopAt: '.');
        return part.Length > 0 ? part : throw text.Unexpected(what);
    }
}
