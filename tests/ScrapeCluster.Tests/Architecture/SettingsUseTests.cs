using System.Text.RegularExpressions;
using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Tests.Architecture;

/// <summary>A key that binds and is then forgotten is a promise to operators that nobody keeps.</summary>
public sealed class SettingsUseTests
{
    public static TheoryData<string> Settings => [.. Properties(typeof(NodeSettings), "")];

    [Theory]
    [MemberData(nameof(Settings))]
    public void Setting_IsReadSomewhere(string property)
    {
        // Written as settings.Storage.Wal.Fsync or, where a section is passed on, as settings.Fsync.
        var read = new Regex($@"settings\w*\.(\w+\.)*{property.Split('.')[^1]}\b", RegexOptions.IgnoreCase);

        Assert.True(
            RepositoryFiles.Sources("src").Any(file => !file.Contains("ScrapeCluster.Configuration", StringComparison.Ordinal) && read.IsMatch(File.ReadAllText(file))),
            $"nothing outside src/ScrapeCluster.Configuration reads {property}");
    }

    private static IEnumerable<string> Properties(Type record, string prefix) => record.GetProperties()
        .Where(property => property.GetMethod is { IsStatic: false } && property.Name != "EqualityContract")
        .SelectMany(property => property.PropertyType.Namespace == typeof(NodeSettings).Namespace && property.PropertyType is { IsEnum: false } && property.PropertyType != typeof(ListenAddress)
            ? Properties(property.PropertyType, $"{prefix}{property.Name}.")
            : [prefix + property.Name]);
}
