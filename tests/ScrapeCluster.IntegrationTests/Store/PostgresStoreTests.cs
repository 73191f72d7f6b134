using Npgsql;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.Postgres;
using ScrapeCluster.Model;
using ScrapeCluster.Testing.Postgres;

namespace ScrapeCluster.IntegrationTests.Store;

public sealed class PostgresStoreTests(PostgresFixture server) : CoordinationStoreTests, IAsyncLifetime
{
    private PostgresStore? _store;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected override ICoordinationStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        if (server.ConnectionString is null)
        {
            Assert.Skip($"PostgreSQL is not installed; scripts/test.sh installs it, or {PrivatePostgres.Variable} names one");
        }

        _store = await OpenAsync($"test-{Guid.NewGuid():N}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    [Fact]
    public async Task Clusters_OfOneDatabase_KnowNothingOfEachOther()
    {
        await using var other = await OpenAsync($"test-{Guid.NewGuid():N}");
        using var life = Store.OpenLifeline();
        using var otherLife = other.OpenLifeline();
        var a = Join(life, "a");
        var b = Join(otherLife, "a");
        Assert.True(life.Hold(Roles.Leader, "a", a, TimeSpan.FromMinutes(1)).IsHeld);
        Assert.True(otherLife.Hold(Roles.Leader, "a", b, TimeSpan.FromMinutes(1)).IsHeld);
        await Store.CommitAsync(new LeaderCommit(1, 0) { Events = [new ClusterEvent(0, default, "x", "", "", "a", 1)] }, TestContext.Current.CancellationToken);

        Assert.Empty(await other.ReadEventsAsync(0, 10, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Open_Again_FindsWhatWasThere()
    {
        var cluster = $"test-{Guid.NewGuid():N}";
        await using (var first = await OpenAsync(cluster))
        {
            await first.PublishConfigAsync(0, [1], "a", TestContext.Current.CancellationToken);
        }

        await using var again = await OpenAsync(cluster);
        Assert.Equal(1, (await again.ReadConfigAsync(0, TestContext.Current.CancellationToken))!.Version);
    }

    /// <summary>One that reads after each commit, one that reads now and then, and one that was never there before, all say the same.</summary>
    [Fact]
    public async Task Read_AfterAnySetsCameChangedAndWent_KnowsAllThatAreThere()
    {
        var cluster = $"test-{Guid.NewGuid():N}";
        await using var leader = await OpenAsync(cluster);
        await using var rare = await OpenAsync(cluster);
        using var life = leader.OpenLifeline();
        Assert.True(life.Hold(Roles.Leader, "a", Join(life, "a"), TimeSpan.FromMinutes(5)).IsHeld);
        var random = new Random(11);
        var there = new Dictionary<BucketRef, long>();
        for (var version = 0; version < 60; version++)
        {
            var changed = Enumerable.Range(0, random.Next(4)).Select(_ => new BucketRef(new BucketKey("job", random.Next(8)), 8)).Distinct().ToList();
            var removed = random.Next(3) == 0 ? there.Keys.Except(changed).Take(1).ToList() : [];
            foreach (var bucket in changed)
            {
                there[bucket] = version;
            }

            removed.ForEach(bucket => there.Remove(bucket));
            var commit = new LeaderCommit(1, (await leader.ReadAsync(long.MaxValue, Token)).AssignmentVersion)
            {
                TargetSets = [.. changed.Select(bucket => new StoredTargetSet(bucket, version, 0, [1]))],
                Removed = removed,
            };
            Assert.Equal(CommitOutcome.Committed, (await leader.CommitAsync(commit, Token)).Outcome);
            Assert.Equivalent(there, (await leader.ReadAsync(long.MaxValue, Token)).TargetSetVersions, strict: true);
            if (random.Next(5) == 0)
            {
                Assert.Equivalent(there, (await rare.ReadAsync(long.MaxValue, Token)).TargetSetVersions, strict: true);
            }
        }
    }

    /// <summary>An asynchronous failover: the next leader writes other sets under the versions that this reader has read already.</summary>
    [Fact]
    public async Task Read_OfAStoreThatLostItsLastCommit_KnowsWhatIsThere()
    {
        var cluster = $"test-{Guid.NewGuid():N}";
        await using var reader = await OpenAsync(cluster);
        using var life = reader.OpenLifeline();
        var (a, b) = (Join(life, "a"), Join(life, "b"));
        life.Hold(Roles.Leader, "a", a, TimeSpan.FromMinutes(5));
        await CommitSetAsync(reader, epoch: 1, version: 0, bucket: 1);
        await CommitSetAsync(reader, epoch: 1, version: 1, bucket: 2);
        Assert.Equal(2, (await reader.ReadAsync(long.MaxValue, Token)).TargetSetVersions.Count);

        await ExecuteAsync($"update scrapecluster.clusters set assignment_version = 1 where cluster = '{cluster}'");
        await ExecuteAsync($"delete from scrapecluster.target_sets where cluster = '{cluster}' and since = 2");
        life.Hold(Roles.Leader, "b", b, TimeSpan.FromMinutes(5), earlyFromEpoch: 1);
        await CommitSetAsync(reader, epoch: 2, version: 1, bucket: 3);

        var sets = (await reader.ReadAsync(long.MaxValue, Token)).TargetSetVersions;
        Assert.Equal([1, 3], sets.Keys.Select(set => set.Key.Bucket).Order());

        static async Task CommitSetAsync(PostgresStore store, long epoch, long version, int bucket)
        {
            var set = new StoredTargetSet(new BucketRef(new BucketKey("job", bucket), 8), version + 1, 0, [1]);
            Assert.Equal(CommitOutcome.Committed, (await store.CommitAsync(new LeaderCommit(epoch, version) { TargetSets = [set] }, Token)).Outcome);
        }
    }

    [Fact]
    public async Task Open_NobodyThere_NamesTheServerAndNotThePassword()
    {
        var fault = await Assert.ThrowsAsync<StoreUnavailableException>(() => PostgresStore.OpenAsync(
            new PostgresOptions("Host=127.0.0.1;Port=1;Username=u;Password=geheim", "", "c", TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken));

        Assert.Contains("127.0.0.1:1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("scrapecluster.cluster.database", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", fault.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1")]
    [InlineData("Host=no-such-host.invalid")]
    public async Task Create_NobodyThere_EachCallSaysSo(string connection)
    {
        await using var store = new PostgresStore(new PostgresOptions(connection, "", "c", TimeSpan.FromSeconds(1)));
        using var lifeline = store.OpenLifeline();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.PrepareAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadAsync(0, TestContext.Current.CancellationToken));
        Assert.Throws<StoreUnavailableException>(() => Join(lifeline, "a"));
    }

    [Fact]
    public void Options_ThatNpgsqlCannotRead_SayWhichWord()
    {
        var fault = new PostgresOptions("Host=db;Pasword=geheim", "", "c", TimeSpan.FromSeconds(1)).Fault;

        Assert.Contains("pasword", fault, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("geheim", fault, StringComparison.Ordinal);
        Assert.NotNull(new PostgresOptions("Host=db;Port=geheim", "", "c", TimeSpan.FromSeconds(1)).Fault);
        Assert.Null(new PostgresOptions("Host=db;Port=1", "", "c", TimeSpan.FromSeconds(1)).Fault);
    }

    protected override Task PassAsync(TimeSpan time) => Task.Delay(time * 1.1, TestContext.Current.CancellationToken);

    private async Task ExecuteAsync(string text)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString!);
        await using var command = source.CreateCommand(text);
        await command.ExecuteNonQueryAsync(Token);
    }

    private Task<PostgresStore> OpenAsync(string cluster) => PostgresStore.OpenAsync(
        new PostgresOptions(server.ConnectionString!, "", cluster, PostgresFixture.Patience), TestContext.Current.CancellationToken);
}
