using ScrapeCluster.Configuration.Hocon.Syntax;

namespace ScrapeCluster.Configuration.Hocon;

/// <summary>
/// One or more HOCON texts, merged in order but not yet resolved: a substitution in any of them sees what all of them say together.
/// </summary>
public sealed class HoconDocument
{
    private readonly ObjectNode _root;

    private HoconDocument(ObjectNode root)
    {
        _root = root;
    }

    /// <exception cref="HoconException">The text is not HOCON.</exception>
    public static HoconDocument Parse(string text, string source = "text") => new(HoconFiles.ParseText(text, source));

    /// <exception cref="HoconException">The file is absent, unreadable or not HOCON.</exception>
    public static HoconDocument Load(string path) => new(HoconFiles.ParseFile(path));

    public static HoconDocument Merge(params ReadOnlySpan<HoconDocument> documents)
    {
        var root = new ObjectNode(documents.IsEmpty ? default : documents[^1]._root.Origin);
        foreach (var document in documents)
        {
            root.Merge(document._root);
        }

        return new HoconDocument(root);
    }

    /// <param name="environment">Answers substitutions that no key answers; the process's environment when null.</param>
    /// <exception cref="HoconException">A substitution has no value or is a cycle, or kinds are mixed in one value.</exception>
    public HoconObject Resolve(Func<string, string?>? environment = null) =>
        new HoconResolver(_root, environment ?? Environment.GetEnvironmentVariable).Resolve();
}
