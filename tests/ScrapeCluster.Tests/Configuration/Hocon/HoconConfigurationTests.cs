using Microsoft.Extensions.Configuration;
using ScrapeCluster.Configuration.Hocon;

namespace ScrapeCluster.Tests.Configuration.Hocon;

public sealed class HoconConfigurationTests
{
    [Fact]
    public void Provider_FlattensObjectsAndArrays()
    {
        var configuration = Build("a { b = 1, c = [x, {d = y}], e = null, f = [], g = {} }");

        Assert.Equal("1", configuration["a:b"]);
        Assert.Equal("x", configuration["a:c:0"]);
        Assert.Equal("y", configuration["A:C:1:D"]);
        Assert.Null(configuration["a:e"]);
        Assert.Equal(["x"], configuration.GetSection("a:c").GetChildren().Take(1).Select(child => child.Value));
    }

    [Fact]
    public void Provider_KnowsFileAndLine()
    {
        var configuration = Build("a {\n  b = 1\n}");
        var provider = Assert.IsType<HoconConfigurationProvider>(Assert.Single(configuration.Providers));

        Assert.True(provider.TryGetOrigin("a:b", out var origin));
        Assert.Equal("text:2", origin.ToString());
    }

    [Fact]
    public void Reload_OfABrokenText_KeepsTheValues()
    {
        var text = "a = 1";
        var configuration = new ConfigurationBuilder().AddHocon(() => HoconDocument.Parse(text)).Build();

        text = "a = [";
        Assert.Throws<HoconException>(configuration.Reload);
        Assert.Equal("1", configuration["a"]);

        text = "a = 2";
        configuration.Reload();
        Assert.Equal("2", configuration["a"]);
    }

    [Fact]
    public void AddHocon_Files_MergeInOrder()
    {
        var directory = Directory.CreateTempSubdirectory("scrapecluster-").FullName;
        try
        {
            string[] paths = [Path.Combine(directory, "a.conf"), Path.Combine(directory, "b.conf")];
            File.WriteAllText(paths[0], "a = 1, b = ${a}");
            File.WriteAllText(paths[1], "a = 2");

            var configuration = new ConfigurationBuilder().AddHocon(paths).Build();

            Assert.Equal("2", configuration["a"]);
            Assert.Equal("2", configuration["b"]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static IConfigurationRoot Build(string text) => new ConfigurationBuilder().AddHocon(() => HoconDocument.Parse(text)).Build();
}
