namespace ScrapeCluster.SystemTests.Acceptance;

/// <summary>Suites for <c>scrapectl check</c>. No clock has a part in them: scripts/test.sh runs them while the cluster's tests wait.</summary>
[Trait("Runs", "beside")]
public sealed class CheckSuiteTests
{
    [Fact]
    public Task Config() => SuiteRunner.RunAsync("config", ["--areas", "scrape,http_sd,remote_write", .. SuiteRunner.ScrapectlCheck], SuiteDifferences.Config);

    [Fact]
    public Task RelabelValidity() => SuiteRunner.RunAsync("relabelvalid", SuiteRunner.ScrapectlCheck, SuiteDifferences.RelabelValidity);
}
