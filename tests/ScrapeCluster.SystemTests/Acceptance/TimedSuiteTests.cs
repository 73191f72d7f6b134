using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Acceptance;

/// <summary>Suites that expect an answer in time.</summary>
[Collection(AloneOnTheMachine.Name)]
public sealed class TimedSuiteTests
{
    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public Task Targets() => SuiteRunner.RunAsync("targets", SuiteRunner.NodeCommand, SuiteDifferences.Targets);

    [Fact]
    public Task Fuzz() => SuiteRunner.RunAsync("fuzz", [.. SuiteRunner.NodeCommand, "--seconds", "20", "--seed", "7"], None);
}
