using System.Collections.Concurrent;
using System.Reflection;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <summary>The statements, each in a file of its own below <c>Sql</c>, and the numbered migrations.</summary>
internal static class SqlText
{
    private static readonly Assembly Assembly = typeof(SqlText).Assembly;
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <param name="name">File name without extension.</param>
    public static string Of(string name) => Texts.GetOrAdd(name, static name => Read($"{typeof(SqlText).Namespace}.Sql.{name}.sql"));

    /// <summary>By number, ascending; numbers start at 1 and have no gap.</summary>
    public static IReadOnlyList<(int Number, string Name, string Text)> Migrations()
    {
        var prefix = $"{typeof(SqlText).Namespace}.Migrations.";
        return [.. Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => (int.Parse(name.AsSpan(prefix.Length, 4), null), name[prefix.Length..], Read(name)))];
    }

    private static string Read(string resource)
    {
        using var reader = new StreamReader(Assembly.GetManifestResourceStream(resource) ?? throw new InvalidOperationException($"{resource} is not in the program"));
        return reader.ReadToEnd();
    }
}
