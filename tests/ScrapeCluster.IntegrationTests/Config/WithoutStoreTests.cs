using ScrapeCluster.Cluster.Store.InProcess;
using ScrapeCluster.Cluster.Store.Postgres;
using ScrapeCluster.Testing;
using static ScrapeCluster.IntegrationTests.Config.ConfigNode;

namespace ScrapeCluster.IntegrationTests.Config;

/// <summary>What a node runs while its database does not answer.</summary>
public sealed class WithoutStoreTests : IDisposable
{
    private readonly string _kept = Path.GetTempFileName();
    private readonly PostgresStore _down = new(new PostgresOptions("Host=127.0.0.1;Port=1;Username=u", "", "c", TimeSpan.FromSeconds(1)));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_kept);

    [Fact]
    public async Task Start_VersionKeptFromBefore_IsRunRatherThanOwnFiles()
    {
        await using var store = new InProcessStore(new ManualTimeProvider());
        using var a = new ConfigNode("a", store, Job("one"));
        using var before = new ConfigNode("b", store, Job("own"), keptFile: _kept);
        await a.Config.StartAsync(Cancellation);
        await before.Config.StartAsync(Cancellation);
        using var after = new ConfigNode("b", _down, Job("own"), keptFile: _kept);

        Assert.Null(await after.Config.StartAsync(Cancellation));

        Assert.Equal(["one"], after.Jobs);
        Assert.Equal((1, true), (after.Config.Current.Version, after.Config.Current.IsDrifted));
        Assert.Null(await after.Config.FollowAsync(2, Cancellation));
        Assert.Equal(1, after.Config.Current.Version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345678")]
    [InlineData("half of a file that was kept before")]
    public async Task Start_KeptFileOfNoUse_OwnFilesAreRun(string kept)
    {
        await File.WriteAllTextAsync(_kept, kept, Cancellation);
        using var a = new ConfigNode("a", _down, Job("own"), keptFile: _kept);

        Assert.Null(await a.Config.StartAsync(Cancellation));

        Assert.Equal(["own"], a.Jobs);
        Assert.Equal((0, false), (a.Config.Current.Version, a.Config.Current.IsDrifted));
    }

    [Fact]
    public async Task Reload_IsRefused_AndNamesTheDatabase()
    {
        using var a = new ConfigNode("a", _down, Job("own"));
        await a.Config.StartAsync(Cancellation);
        a.Write("prometheus.yml", Job("two"));

        var fault = await a.Config.ReloadAsync(Cancellation);

        Assert.Contains("was not published", fault, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", fault, StringComparison.Ordinal);
        Assert.Equal(["own"], a.Jobs);
    }

    [Fact]
    public async Task Follow_StoreThatComesLater_IsFilledOrFollowed()
    {
        await using var later = new LateStore(new InProcessStore(new ManualTimeProvider()));
        using var a = new ConfigNode("a", later.Seen, Job("one"));
        using var b = new ConfigNode("b", later.Seen, Job("two"));
        await a.Config.StartAsync(Cancellation);
        await b.Config.StartAsync(Cancellation);
        Assert.Equal(["two"], b.Jobs);

        later.Come();
        await a.Config.FollowAsync(0, Cancellation);
        await b.Config.FollowAsync(0, Cancellation);

        Assert.Equal((1, 1), (a.Config.Current.Version, b.Config.Current.Version));
        Assert.Equal(["one"], b.Jobs);
    }
}
