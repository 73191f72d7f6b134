using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Store.Postgres;
using ScrapeCluster.IntegrationTests.Store;
using ScrapeCluster.Testing.Postgres;

namespace ScrapeCluster.IntegrationTests.Config;

public sealed class PostgresConfigTests(PostgresFixture server) : ClusterConfigTests, IAsyncLifetime
{
    private PostgresStore? _store;

    protected override ICoordinationStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        if (server.ConnectionString is null)
        {
            Assert.Skip($"PostgreSQL is not installed; scripts/test.sh installs it, or {PrivatePostgres.Variable} names one");
        }

        _store = await PostgresStore.OpenAsync(
            new PostgresOptions(server.ConnectionString, "", $"test-{Guid.NewGuid():N}", PostgresFixture.Patience), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }
}
