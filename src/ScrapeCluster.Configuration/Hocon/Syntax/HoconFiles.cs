namespace ScrapeCluster.Configuration.Hocon.Syntax;

/// <summary>The chain of files open at one point of parsing: finds what is included, relative to the last, and notices a file that includes itself.</summary>
internal sealed class HoconFiles
{
    private static readonly string[] Extensions = [".json", ".conf"];

    private readonly string _source;
    private readonly HoconFiles? _includedBy;

    private HoconFiles(string source, HoconFiles? includedBy)
    {
        _source = source;
        _includedBy = includedBy;
    }

    /// <summary>Parses a text that is not a file; what it includes is relative to the working directory.</summary>
    public static ObjectNode ParseText(string content, string source) => Parse(content, source, [], new HoconFiles(source, null));

    public static ObjectNode ParseFile(string path)
    {
        if (!TryRead(path, new HoconOrigin(path, 0), out var content))
        {
            throw new HoconException(new HoconOrigin(path, 0), "there is no such file");
        }

        return Parse(content, path, [], new HoconFiles(path, null));
    }

    /// <summary>The included object, or null when there is no such file. A name without a known extension tries name.json, then name.conf over it.</summary>
    public ObjectNode? TryInclude(string name, HoconOrigin origin, bool isRequired, IReadOnlyList<string> prefix)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_source)) ?? "", name);
        string[] candidates = Path.GetExtension(name) is ".conf" or ".json" or ".hocon" ? [path] : [path, .. Extensions.Select(extension => path + extension)];
        ObjectNode? merged = null;
        foreach (var candidate in candidates)
        {
            if (TryRead(candidate, origin, out var content))
            {
                RefuseCycle(candidate, origin);
                var included = Parse(content, candidate, prefix, new HoconFiles(candidate, this));
                merged ??= new ObjectNode(included.Origin);
                merged.Merge(included);
            }
        }

        return merged is null && isRequired
            ? throw new HoconException(origin, $"the required include \"{name}\" was not found (looked for {string.Join(", ", candidates)})")
            : merged;
    }

    private static ObjectNode Parse(string content, string source, IReadOnlyList<string> prefix, HoconFiles files) =>
        new HoconParser(new HoconText(content, source), prefix, files).ParseRoot();

    private static bool TryRead(string path, HoconOrigin origin, out string content)
    {
        content = "";
        try
        {
            content = File.ReadAllText(path);
            return true;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Directory.Exists(path) ? false : throw new HoconException(origin, $"cannot read {path}: {fault.Message}");
        }
    }

    private void RefuseCycle(string path, HoconOrigin origin)
    {
        var full = Path.GetFullPath(path);
        for (var open = this; open is not null; open = open._includedBy)
        {
            if (Path.GetFullPath(open._source) == full)
            {
                throw new HoconException(origin, $"include cycle: {Chain()} -> {path}");
            }
        }
    }

    private string Chain() => _includedBy is null ? _source : $"{_includedBy.Chain()} -> {_source}";
}
