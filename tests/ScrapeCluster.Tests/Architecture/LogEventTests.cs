using System.Reflection;
using Microsoft.Extensions.Logging;

namespace ScrapeCluster.Tests.Architecture;

/// <summary>Every log text has an event id of its own, in the range of its project.</summary>
public sealed class LogEventTests
{
    private static readonly Dictionary<string, int> FirstIdOf = new()
    {
        ["Actors"] = 1000,
        ["Scraping"] = 2000,
        ["Storage"] = 3000,
        ["Discovery"] = 4000,
        ["RemoteWrite"] = 5000,
        ["Configuration"] = 6000,
        ["Node"] = 7000,
        ["Cluster"] = 8000,
    };

    [Fact]
    public void EventIds_AreUnique()
    {
        var repeated = Events().GroupBy(found => found.Id).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(found => found.Method))}");

        Assert.Empty(repeated);
    }

    [Fact]
    public void EventIds_AreInTheRangeOfTheirProject()
    {
        var outside = Events().Where(found => !FirstIdOf.TryGetValue(found.Project, out var first) || found.Id < first || found.Id >= first + 1000);

        Assert.Empty(outside);
    }

    [Fact]
    public void Events_AreAllFound()
    {
        var written = RepositoryFiles.Sources("src").Sum(file => File.ReadAllText(file).Split("[LoggerMessage(").Length - 1);

        Assert.Equal(written, Events().Count);
    }

    private static List<(string Project, int Id, string Method)> Events()
    {
        const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        return [.. from folder in Directory.EnumerateDirectories(RepositoryFiles.Path("src"), "ScrapeCluster.*")
            let project = Path.GetFileName(folder)["ScrapeCluster.".Length..]
            where project != "Cli"
            from type in Assembly.Load($"ScrapeCluster.{project}").GetTypes()
            from method in type.GetMethods(All)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            select (project, message.EventId, $"{type.Name}.{method.Name}")];
    }
}
