using System.Text;
using ScrapeCluster.Cluster.Config;
using ScrapeCluster.Cluster.Store;
using static ScrapeCluster.IntegrationTests.Config.ConfigNode;

namespace ScrapeCluster.IntegrationTests.Config;

/// <summary>Nodes that share one store, which each subclass brings.</summary>
public abstract class ClusterConfigTests
{
    protected abstract ICoordinationStore Store { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_NothingPublished_OwnFilesBecomeVersionOne()
    {
        using var a = new ConfigNode("a", Store, Job("one"));

        Assert.Null(await a.Config.StartAsync(Cancellation));

        Assert.Equal(["one"], a.Jobs);
        Assert.Equal((1, "a", false), (a.Config.Current.Version, a.Config.Current.PublishedBy, a.Config.Current.IsDrifted));
        Assert.Equal((1, a.Config.Current.Hash), (a.Config.Applied.Version, a.Config.Applied.Hash));
    }

    [Fact]
    public async Task Start_OtherFilesThanTheClusters_RunsTheClustersAndShowsDrift()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        using var b = new ConfigNode("b", Store, Job("two"));
        await a.Config.StartAsync(Cancellation);

        Assert.Null(await b.Config.StartAsync(Cancellation));

        Assert.Equal(["one"], b.Jobs);
        Assert.True(b.Config.Current.IsDrifted);
        Assert.Equal(a.Config.Current.Hash, b.Config.Current.Hash);
        Assert.NotEqual(a.Config.Applied.Hash, b.Config.Applied.Hash);
        Assert.Equal(1, (await NewestAsync())!.Version);
    }

    [Fact]
    public async Task Start_OfAllAtOnce_OneIsTheFirst()
    {
        var nodes = Enumerable.Range(0, 5).Select(i => new ConfigNode($"n{i}", Store, Job($"job{i}"))).ToList();

        var faults = await Task.WhenAll(nodes.Select(node => Task.Run(() => node.Config.StartAsync(Cancellation))));

        Assert.All(faults, Assert.Null);
        Assert.All(nodes, node => Assert.Equal((1, nodes[0].Config.Current.Hash), (node.Config.Current.Version, node.Config.Current.Hash)));
        Assert.Equal(4, nodes.Count(node => node.Config.Current.IsDrifted));
        nodes.ForEach(node => node.Dispose());
    }

    [Fact]
    public async Task Reload_OthersFollow()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        using var b = new ConfigNode("b", Store, Job("one"));
        await a.Config.StartAsync(Cancellation);
        await b.Config.StartAsync(Cancellation);
        Assert.False(b.Config.Current.IsDrifted);

        a.Write("prometheus.yml", Job("two"));
        Assert.Null(await a.Config.ReloadAsync(Cancellation));
        Assert.Null(await b.Config.FollowAsync(2, Cancellation));

        Assert.Equal((2, 2), (a.Config.Current.Version, b.Config.Current.Version));
        Assert.Equal(["two"], a.Jobs);
        Assert.Equal(["two"], b.Jobs);
        Assert.True(b.Config.Current.IsDrifted);
        await b.Config.FollowAsync(2, Cancellation);
        Assert.Equal(2, b.Applied.Count);
    }

    [Fact]
    public async Task Reload_SameFilesOnEveryNode_IsOneVersion()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        using var b = new ConfigNode("b", Store, Job("one"));
        await a.Config.StartAsync(Cancellation);
        await b.Config.StartAsync(Cancellation);
        a.Write("prometheus.yml", Job("two"));
        b.Write("prometheus.yml", Job("two"));

        Assert.Null(await a.Config.ReloadAsync(Cancellation));
        Assert.Null(await b.Config.ReloadAsync(Cancellation));

        Assert.Equal(2, (await NewestAsync())!.Version);
        Assert.Equal((2, false), (b.Config.Current.Version, b.Config.Current.IsDrifted));
    }

    [Fact]
    public async Task Reload_OnAllAtOnce_EachIsAVersion_AndAllEndOnTheLast()
    {
        var nodes = Enumerable.Range(0, 4).Select(i => new ConfigNode($"n{i}", Store, Job("one"))).ToList();
        foreach (var node in nodes)
        {
            await node.Config.StartAsync(Cancellation);
            node.Write("prometheus.yml", Job($"job_of_{node.GetHashCode()}"));
        }

        var faults = await Task.WhenAll(nodes.Select(node => Task.Run(() => node.Config.ReloadAsync(Cancellation))));
        var newest = (await NewestAsync())!;
        await Task.WhenAll(nodes.Select(node => node.Config.FollowAsync(newest.Version, Cancellation)));

        Assert.All(faults, Assert.Null);
        Assert.Equal(5, newest.Version);
        Assert.All(nodes, node => Assert.Equal(newest.Version, node.Config.Current.Version));
        Assert.Single(nodes.Select(node => node.Jobs.Single()).Distinct());
        nodes.ForEach(node => node.Dispose());
    }

    [Theory]
    [InlineData("scrape_configs: [{job_name: a, scrape_interval: soon}]", "scrape_interval")]
    [InlineData("scrape_configs: [{job_name: a, consul_sd_configs: [{server: s}]}]", "not built yet: job a uses consul")]
    public async Task Reload_FileWithAFault_IsNotPublished(string yaml, string reason)
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        await a.Config.StartAsync(Cancellation);
        a.Write("prometheus.yml", yaml);

        var fault = await a.Config.ReloadAsync(Cancellation);

        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.Equal(fault, Assert.Single(a.Refused));
        Assert.Equal(["one"], a.Jobs);
        Assert.Equal(1, (await NewestAsync())!.Version);
        Assert.Equal((1, fault), (a.Config.Current.Version, a.Config.Current.Fault));

        a.Write("prometheus.yml", Job("two"));
        Assert.Null(await a.Config.ReloadAsync(Cancellation));
        Assert.Null(a.Config.Current.Fault);
    }

    [Fact]
    public async Task Reload_NodeThatWasGivenNoFile_LeavesTheClustersAlone()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        using var b = new ConfigNode("b", Store, yaml: null);
        await a.Config.StartAsync(Cancellation);
        await b.Config.StartAsync(Cancellation);

        Assert.Null(await b.Config.ReloadAsync(Cancellation));

        Assert.Equal(["one"], b.Jobs);
        Assert.False(b.Config.Current.IsDrifted);
        Assert.Equal(1, (await NewestAsync())!.Version);
    }

    [Fact]
    public async Task Reload_PartThatCannotBeApplied_IsToldAndTheRestIsInForce()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        a.ApplyFault = "job one: no such file";

        Assert.Equal("job one: no such file", await a.Config.StartAsync(Cancellation));

        Assert.True(a.Config.HasConfig);
        Assert.Equal((1, "job one: no such file"), (a.Config.Current.Version, a.Config.Current.Fault));
    }

    [Fact]
    public async Task Version_HasAllItsFiles_AndOtherPathsStartFromOwnDirectory()
    {
        const string Yaml = """
            scrape_config_files: [jobs/*.yml, jobs/none_*.yml]
            scrape_configs: [{job_name: main, basic_auth: {username: u, password_file: secrets/p}}]
            """;
        using var a = new ConfigNode("a", Store, Yaml);
        a.Write("jobs/b.yml", Job("second"));
        a.Write("jobs/a.yml", "scrape_configs: [{job_name: first, file_sd_configs: [{files: [targets/*.json]}]}]");
        using var b = new ConfigNode("b", Store, Job("other"));
        await a.Config.StartAsync(Cancellation);

        Assert.Null(await b.Config.StartAsync(Cancellation));

        Assert.Equal(["main", "first", "second"], b.Jobs);
        Assert.Equal(b.PathOf("secrets/p"), b.Applied[0].ScrapeConfigs[0].HttpClient.BasicAuth!.PasswordFile);
        var targets = Assert.IsType<ScrapeCluster.Configuration.FileSdConfig>(b.Applied[0].ScrapeConfigs[1].ServiceDiscovery[0]);
        Assert.Equal(b.PathOf("jobs/targets/*.json"), targets.Files[0]);

        // The same files elsewhere are no drift, a file less is.
        using var c = new ConfigNode("c", Store, Yaml);
        c.Write("jobs/a.yml", "scrape_configs: [{job_name: first, file_sd_configs: [{files: [targets/*.json]}]}]");
        await c.Config.StartAsync(Cancellation);
        Assert.True(c.Config.Current.IsDrifted);
        c.Write("jobs/b.yml", Job("second"));
        c.Time.Advance(TimeSpan.FromMinutes(1));
        await c.Config.FollowAsync(1, Cancellation);
        Assert.False(c.Config.Current.IsDrifted);
        Assert.Single(c.Applied);
    }

    [Fact]
    public async Task Stored_InlineSecrets_CannotBeRead()
    {
        using var a = new ConfigNode("a", Store, "scrape_configs: [{job_name: job_in_clear, basic_auth: {username: u, password: geheim}}]");
        await a.Config.StartAsync(Cancellation);

        var payload = Encoding.Latin1.GetString((await NewestAsync())!.Payload);

        Assert.DoesNotContain("geheim", payload, StringComparison.Ordinal);
        Assert.DoesNotContain("job_in_clear", payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_AnotherSecret_DoesNotRun()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        using var b = new ConfigNode("b", Store, Job("two"), secret: "another secret of some length");
        await a.Config.StartAsync(Cancellation);

        var fault = await b.Config.StartAsync(Cancellation);

        Assert.False(b.Config.HasConfig);
        Assert.Contains("version 1 of the cluster's configuration, published by node a, cannot be used on this node", fault, StringComparison.Ordinal);
        Assert.Contains("scrapecluster.cluster.secret", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Follow_VersionThatCannotBeOpened_KeepsTheOneBefore_AndIsToldOnce()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        await a.Config.StartAsync(Cancellation);
        var damaged = (await NewestAsync())!.Payload;
        damaged[^1] ^= 1;
        Assert.Equal(2, await Store.PublishConfigAsync(1, damaged, "b", Cancellation));

        for (var view = 0; view < 3; view++)
        {
            Assert.Contains("damaged in the database", await a.Config.FollowAsync(2, Cancellation), StringComparison.Ordinal);
        }

        Assert.Single(a.Refused);
        Assert.Equal(["one"], a.Jobs);
        Assert.Equal(1, a.Config.Current.Version);

        a.Write("prometheus.yml", Job("three"));
        Assert.Null(await a.Config.ReloadAsync(Cancellation));
        Assert.Equal((3, null), (a.Config.Current.Version, a.Config.Current.Fault));
    }

    [Fact]
    public async Task Follow_ViewOlderThanOwnReload_ChangesNothing()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        await a.Config.StartAsync(Cancellation);
        a.Write("prometheus.yml", Job("two"));
        await a.Config.ReloadAsync(Cancellation);

        Assert.Null(await a.Config.FollowAsync(1, Cancellation));

        Assert.Equal(2, a.Config.Current.Version);
        Assert.Equal(["two"], a.Jobs);
    }

    [Fact]
    public async Task Publish_StoreThatWentBack_IsPassed()
    {
        var seal = new ConfigSeal(new ScrapeCluster.Cluster.ClusterSecret("a secret of some length"), "test");
        var published = new ScrapeCluster.Node.Clustering.PublishedConfigs(Store, seal, "a", Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

        var stored = await published.PublishAsync(new ConfigBundle([1], []), running: 30, Cancellation);

        Assert.Equal(31, stored.Version);
    }

    [Fact]
    public async Task Reload_MoreThanCanBePublished_IsRefused()
    {
        using var a = new ConfigNode("a", Store, Job("one"));
        await a.Config.StartAsync(Cancellation);
        a.Write("prometheus.yml", Job("two") + "#" + new string('x', ConfigBundle.MaxBytes));

        var fault = await a.Config.ReloadAsync(Cancellation);

        Assert.Contains($"at most {ConfigBundle.MaxBytes} can be published", fault, StringComparison.Ordinal);
        Assert.Equal(["one"], a.Jobs);
    }

    private Task<StoredConfig?> NewestAsync() => Store.ReadConfigAsync(0, Cancellation);
}
