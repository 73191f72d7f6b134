using System.Globalization;
using System.IO.Compression;
using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Storage.Opening;

/// <summary>Directories that stock Prometheus wrote, with what promtool says is in them.</summary>
public sealed class StockDirectoryTests
{
    [Theory]
    [InlineData("stock_wal_compressed")]
    [InlineData("stock_wal_uncompressed")]
    [InlineData("stock_crashed_with_blocks")]
    public void Open_DirectoryOfPrometheus_ShowsItsSamples(string name)
    {
        if (!Suites.TryFind(out var source, "ondisk_samples", name))
        {
            Assert.Skip(Suites.MissingReason);
        }

        var directory = Directory.CreateTempSubdirectory("stock-").FullName;
        Copy(source, directory);
        using var storage = new StorageFixture(directory: directory);
        var actual = storage.Select("{__name__=~\".+\"}")
            .SelectMany(series => series.TimestampsMs.Zip(series.Values, (time, value) => Line(series.Labels, value, time)))
            .ToHashSet();
        var expected = Dump(source + ".dump.txt.gz").ToHashSet();

        Assert.NotEmpty(actual);
        Assert.Empty(actual.Except(expected).Take(5));
        Assert.Empty(expected.Except(actual).Take(5));

        foreach (var kept in Directory.EnumerateDirectories(source).Select(Path.GetFileName))
        {
            Assert.True(Directory.Exists(Path.Combine(directory, kept!)), $"{kept} stays");
        }
    }

    [Fact]
    public void Open_EveryDirectoryOfTheSuite_IsTested()
    {
        Assert.SkipUnless(Suites.TryFind(out var suite, "ondisk_samples"), Suites.MissingReason);
        var tested = typeof(StockDirectoryTests).GetMethod(nameof(Open_DirectoryOfPrometheus_ShowsItsSamples))!.GetCustomAttributes(typeof(InlineDataAttribute), false);

        Assert.Equal(
            Directory.GetDirectories(suite).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            tested.Select(data => (string)((InlineDataAttribute)data).Data[0]!).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Dump(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            // promtool writes float histograms as text; only plain floats are compared.
            var parts = line[(line.LastIndexOf('}') + 2)..].Split(' ');
            if (parts.Length == 2 && TryFloat(parts[0], out var value))
            {
                yield return $"{line[..(line.LastIndexOf('}') + 1)]} {Number(value)} {parts[1]}";
            }
        }
    }

    private static bool TryFloat(string text, out double value)
    {
        var isSpecial = text is "NaN" or "+Inf" or "-Inf";
        value = text switch { "NaN" => double.NaN, "+Inf" => double.PositiveInfinity, "-Inf" => double.NegativeInfinity, _ => 0 };
        return isSpecial || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private static string Line(Labels labels, double value, long time) =>
        $"{labels} {Number(value)} {time.ToString(CultureInfo.InvariantCulture)}";

    private static string Number(double value) => double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);

    private static void Copy(string source, string target)
    {
        foreach (var directory in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(target, Path.GetRelativePath(source, directory)));
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(target, Path.GetRelativePath(source, file)));
        }
    }
}
