using static ScrapeCluster.Tests.Cli.Storage.StoredDirectory;

namespace ScrapeCluster.Tests.Cli.Storage;

/// <summary>The verbs on a directory that is written to, flushed, compacted and cut meanwhile.</summary>
public sealed class BesideNodeTests : IDisposable
{
    private const int Hours = 8;
    private readonly StoredDirectory _stored = new();

    public void Dispose() => _stored.Dispose();

    [Fact]
    public async Task Verbs_BesideAWriter_FindNoDamageAndEverySample()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere it cannot be told that somebody writes");
        _stored.Append(1, 10);
        var written = 10;
        var writer = Task.Factory.StartNew(
            () =>
            {
                for (var minute = 11; minute <= Hours * 60; minute++)
                {
                    _stored.Append(minute, minute);
                    Volatile.Write(ref written, minute);
                    if (minute % 20 == 0)
                    {
                        _stored.Flush();
                    }

                    if (minute % 60 == 0)
                    {
                        _stored.Compact();
                    }
                }
            },
            TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        bool isLast;
        do
        {
            isLast = writer.IsCompleted;
            var acknowledged = Volatile.Read(ref written);
            Assert.Equal((0, ""), FaultsOf("verify"));
            Assert.Equal((0, ""), FaultsOf("list"));
            Assert.Equal(0, Run("repair", "--dry-run", _stored.Path).ExitCode & ~1);
            var (exitCode, output, errors) = Run("dump", _stored.Path, "--match=metric_1{instance=\"10.0.0.1:9100\"}");
            Assert.True(exitCode == 0, errors);
            var minutes = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..]) / MinuteMs).ToList();
            Assert.Equal(Enumerable.Range(1, minutes.Count).Select(minute => (long)minute), minutes);
            Assert.InRange(minutes.Count, acknowledged, Hours * 60);
        }
        while (!isLast);

        await writer;
    }

    private (int ExitCode, string Output) FaultsOf(string verb)
    {
        var (exitCode, output, errors) = Run(verb, _stored.Path);
        return exitCode == 0 ? (0, "") : (exitCode, output + errors);
    }
}
