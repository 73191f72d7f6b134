using Npgsql;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <summary>Brings the schema to this program's version. Nodes that start together take turns; migrations only ever add, so older nodes go on beside newer ones.</summary>
internal static class Migrator
{
    private const long TurnKey = 0x5343_4c55_5354_4552;

    public static async Task RunAsync(NpgsqlDataSource source, string cluster, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({TurnKey})", cancellation);
        await ExecuteAsync(connection, $"create schema if not exists {PostgresOptions.Schema}", cancellation);
        await ExecuteAsync(connection, $"set local search_path = {PostgresOptions.Schema}", cancellation);
        await ExecuteAsync(connection, "create table if not exists migrations (number integer primary key, name text not null, at timestamptz not null)", cancellation);
        var done = await NewestAsync(connection, cancellation);
        foreach (var (number, name, text) in SqlText.Migrations().Where(migration => migration.Number > done))
        {
            await ExecuteAsync(connection, text, cancellation);
            await ExecuteAsync(connection, $"insert into migrations values ({number}, '{name}', clock_timestamp())", cancellation);
        }

        await using var enter = new NpgsqlCommand("insert into scrapecluster.clusters (cluster) values ($1) on conflict do nothing", connection);
        enter.Parameters.Add(new NpgsqlParameter<string> { TypedValue = cluster });
        await enter.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task<int> NewestAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select coalesce(max(number), 0) from migrations", connection);
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
