using Npgsql;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <summary>The store in PostgreSQL. Plain statements and transactions only, so that it works through poolers; LISTEN alone wants a direct connection.</summary>
public sealed partial class PostgresStore : ICoordinationStore
{
    private readonly NpgsqlDataSource _source;
    private readonly PostgresOptions _options;
    private readonly PostgresDoorbell _doorbell;

    /// <summary>Connects to nothing yet: a node starts while its database is down. Whoever made it calls <see cref="PrepareAsync"/> until that succeeds.</summary>
    public PostgresStore(PostgresOptions options)
    {
        _options = options;
        _source = PostgresSources.Pooled(options);
        _doorbell = new PostgresDoorbell(options);
    }

    /// <summary>Connects and brings the tables to this version.</summary>
    /// <exception cref="StoreUnavailableException">No connection, or not the rights to make tables.</exception>
    public static async Task<PostgresStore> OpenAsync(PostgresOptions options, CancellationToken cancellation)
    {
        var store = new PostgresStore(options);
        try
        {
            await store.PrepareAsync(cancellation);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Brings the tables to this version; may be said again at any time.</summary>
    /// <exception cref="StoreUnavailableException">No connection, or not the rights to make tables.</exception>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        try
        {
            await Migrator.RunAsync(_source, _options.Cluster, cancellation);
        }
        catch (Exception e) when (StoreFault.IsOne(e))
        {
            throw StoreFault.Of(e, _source);
        }
    }

    public ILifeline OpenLifeline() => new PostgresLifeline(PostgresSources.Unpooled(_options), _options.Cluster);

    public async Task<bool> WaitForDoorbellAsync(TimeSpan longest, CancellationToken cancellation) => await _doorbell.WaitAsync(longest, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _doorbell.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async Task<T> AskAsync<T>(Func<NpgsqlConnection, Task<T>> question, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellation);
            return await question(connection);
        }
        catch (Exception e) when (StoreFault.IsOne(e))
        {
            throw StoreFault.Of(e, _source);
        }
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string text) => new NpgsqlCommand(text, connection).With("cluster", _options.Cluster);
}
