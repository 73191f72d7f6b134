using System.Text.Json;
using ScrapeCluster.Configuration;
using ScrapeCluster.Scraping;

namespace ScrapeCluster.Tests.Scraping;

/// <summary>scrape_failure_log_file: a line a failure, and rotation by reload.</summary>
public sealed class FailureLogTests : ScrapingHarness
{
    private readonly string _directory = Directory.CreateTempSubdirectory("failures").FullName;

    private string LogFile => Path.Combine(_directory, "failures.log");

    [Fact]
    public void FailedScrapes_AreWrittenAsJsonLinesIntoTheFileOfTheLastReload()
    {
        var job = Job("node") with { ScrapeFailureLogFile = LogFile };
        Apply(job);
        Discover("node", "host");
        AwaitTargets(1);
        ScrapeOnce();
        Exporter.Page = static _ => "not a <page>\n";
        var failed = ScrapeOnce();

        File.Move(LogFile, LogFile + ".1");
        ScrapeOnce();
        Apply(job);
        ScrapeOnce();

        Assert.Equal(2, File.ReadAllLines(LogFile + ".1").Length);
        var line = Assert.Single(File.ReadAllLines(LogFile));
        using var json = JsonDocument.Parse(line);
        Assert.Equal(["time", "level", "msg", "job_name", "target"], json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(("ERROR", failed.LastError, "node", "http://host/metrics"), (Text("level"), Text("msg"), Text("job_name"), Text("target")));
        Assert.Equal(Target().LastScrape, json.RootElement.GetProperty("time").GetDateTimeOffset());

        string? Text(string name) => json.RootElement.GetProperty(name).GetString();
    }

    [Fact]
    public void FileThatCannotBeOpened_IsAFaultOfTheReload()
    {
        var path = Path.Combine(_directory, "missing", "failures.log");
        Pools.Tell(new ApplyPoolConfig(new PrometheusConfig { ScrapeConfigs = [Job("node") with { ScrapeFailureLogFile = path }] }), TestActor);

        Assert.StartsWith($"unable to open scrape_failure_log_file {path}: ", Assert.Single(ExpectMsg<PoolConfigApplied>().Failures));
    }
}
