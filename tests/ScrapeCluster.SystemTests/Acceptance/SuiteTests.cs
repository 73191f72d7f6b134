namespace ScrapeCluster.SystemTests.Acceptance;

/// <summary>Suites for a node that wait more than they work, and whose verdicts do not hang on the machine's speed: other tests run beside them.</summary>
public sealed class SuiteTests(SuiteTests.Runs runs) : IClassFixture<SuiteTests.Runs>
{
    [Fact]
    public Task Relabel() => runs.Relabel;

    [Fact]
    public Task Textparse() => runs.Textparse;

    /// <summary>Both at once: each waits for forty seconds.</summary>
    public sealed class Runs
    {
        internal Task Relabel { get; } = SuiteRunner.RunAsync("relabel", [.. SuiteRunner.NodeCommand, .. SuiteRunner.WaitLonger], SuiteDifferences.Relabel);

        internal Task Textparse { get; } = SuiteRunner.RunAsync("textparse", [.. SuiteRunner.NodeCommand, .. SuiteRunner.WaitLonger], SuiteDifferences.Textparse);
    }
}
