using System.Buffers;
using YamlDotNet.Core;

namespace ScrapeCluster.Configuration;

/// <summary>Opens a file (or text) as YAML; what keeps it from being a tree at all becomes one fault.</summary>
internal static class YamlRoot
{
    private static readonly SearchValues<char> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Append(0x7f).Select(code => (char)code).Where(c => c is not ('\t' or '\n' or '\r'))]);

    /// <summary>The root of the first document, or null when the file is empty or unreadable (then a fault is noted).</summary>
    public static YamlValue? Load(ReadContext context)
    {
        byte[] bytes;
        try
        {
            bytes = context.Source.Read(context.File);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            context.Fault(0, 0, "", $"cannot read the file: {e.Message}");
            return null;
        }

        if (!YamlTree.TryDecode(bytes, out var text, out var line, out var fault))
        {
            context.Fault(line, 0, "", fault);
            return null;
        }

        return Parse(context, text);
    }

    public static YamlValue? Parse(ReadContext context, string text)
    {
        var control = text.AsSpan().IndexOfAny(ControlCharacters);
        if (control >= 0)
        {
            context.Fault(text.AsSpan(0, control).Count('\n') + 1, 0, "", $"yaml: control characters are not allowed (0x{(int)text[control]:x2})");
            return null;
        }

        try
        {
            var (root, hasMore) = YamlTree.Read(text);
            if (hasMore)
            {
                context.Warn(0, "", "only the first YAML document of the file is read");
            }

            return root is null ? null : new(root, "", context);
        }
        catch (YamlException e)
        {
            // Start is where the surrounding construct began, End where reading stopped.
            context.Fault((int)e.End.Line, (int)e.End.Column, "", $"yaml: {e.Message}");
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The library's scanner answers some damaged texts with these.
            context.Fault(0, 0, "", $"yaml: the text cannot be read: {e.Message}");
            return null;
        }
    }
}
