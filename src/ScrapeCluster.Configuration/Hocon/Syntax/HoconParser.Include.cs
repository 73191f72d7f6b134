namespace ScrapeCluster.Configuration.Hocon.Syntax;

internal sealed partial class HoconParser
{
    /// <summary>The unquoted word <c>include</c> at the start of a key; <c>included = 1</c> and <c>"include" = 1</c> are keys.</summary>
    private bool AtInclude() =>
        text.At("include\"") || text.At("include ") || text.At("include\t") || text.At("include\n") || text.At("include\r");

    /// <summary>
    /// <c>include "name"</c>, <c>include file("name")</c>, each also inside <c>required(...)</c>. The name is relative to the including file. What is
    /// not there and not required is ignored.
    /// </summary>
    private void ParseInclude(ObjectNode target, IReadOnlyList<string> path)
    {
        var origin = text.Origin;
        text.Take("include");
        text.SkipLines();
        var isRequired = text.Take("required(");
        text.SkipLines();
        var isFile = text.Take("file(");
        foreach (var scheme in (string[])["url(", "classpath(", "package("])
        {
            if (text.At(scheme))
            {
                throw text.Fault($"include {scheme}...) is not supported; include a file");
            }
        }

        text.SkipLines();
        if (text.Current != '"')
        {
            throw text.Unexpected("a quoted file name, file(\"...\") or required(...) after include");
        }

        var name = text.TakeQuoted();
        Close(isFile);
        Close(isRequired);
        if (files.TryInclude(name, origin, isRequired, path) is { } included)
        {
            target.Merge(included);
        }
    }

    private void Close(bool isOpen)
    {
        if (!isOpen)
        {
            return;
        }

        text.SkipLines();
        if (!text.Take(")"))
        {
            throw text.Unexpected("')'");
        }
    }
}
