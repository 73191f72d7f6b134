using ScrapeCluster.Configuration.Hocon;
using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Tests.Architecture;

public sealed class SettingsFilesTests
{
    [Fact]
    public void ReferenceConf_InTheRepository_IsTheOneInTheAssembly()
    {
        var file = HoconDocument.Load(RepositoryFiles.Path("hocon", "reference.conf")).Resolve(_ => null);

        Assert.Equal(Leaves("", NodeSettingLayers.Reference().Resolve(_ => null)), Leaves("", file));
    }

    [Fact]
    public void ReferenceConf_TellsTheMeaningOfEveryKey()
    {
        var lines = File.ReadAllLines(RepositoryFiles.Path("hocon", "reference.conf"));
        var silent = lines.Where((line, index) => line.Contains(" = ", StringComparison.Ordinal)
            && !line.TrimStart().StartsWith('#')
            && !lines[index - 1].TrimStart().StartsWith('#'));

        Assert.Empty(silent);
    }

    [Fact]
    public void Documentation_NamesEveryOwnFlag()
    {
        var text = File.ReadAllText(RepositoryFiles.Path("docs", "configuration.md"));

        Assert.All(KnownFlags.Own, flag => Assert.Contains($"--{flag.Name}", text, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Leaves(string path, HoconValue value) => value switch
    {
        HoconObject parent => parent.Fields.SelectMany(field => Leaves($"{path}.{field.Key}", field.Value)),
        HoconScalar scalar => [$"{path}={scalar.Text}"],
        _ => [path],
    };
}
