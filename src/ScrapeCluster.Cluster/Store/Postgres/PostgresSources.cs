using Npgsql;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <summary>Connections of one node: a pool of two for reading and committing, one of its own for the lifeline, one for the doorbell.</summary>
internal static class PostgresSources
{
    private const int PoolSize = 2;

    public static NpgsqlDataSource Pooled(PostgresOptions options) => Build(Settings(options, options.ConnectionString, "scrapecluster"));

    /// <summary>Not from a pool: that may be exhausted, and what lives long there is handed out late.</summary>
    public static NpgsqlDataSource Unpooled(PostgresOptions options)
    {
        var settings = Settings(options, options.ConnectionString, "scrapecluster-lifeline");
        settings.Pooling = false;
        // A statement that hung is not cancelled, which would mean to wait for another connection and for an answer to that: the connection is given up.
        settings.CancellationTimeout = -1;
        return Build(settings);
    }

    /// <summary>Past any pooler, which would not pass notifications on; keep-alives find out about a line that only looks open.</summary>
    public static NpgsqlDataSource Direct(PostgresOptions options)
    {
        var settings = Settings(options, options.DirectConnectionString.Length > 0 ? options.DirectConnectionString : options.ConnectionString, "scrapecluster-doorbell");
        settings.Pooling = false;
        settings.KeepAlive = 10;
        settings.TcpKeepAlive = true;
        return Build(settings);
    }

    private static NpgsqlConnectionStringBuilder Settings(PostgresOptions options, string connection, string name)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(options.StatementTimeout.TotalSeconds));
        return new NpgsqlConnectionStringBuilder(connection) { ApplicationName = name, CommandTimeout = seconds, Timeout = seconds, MaxPoolSize = PoolSize };
    }

    /// <summary>Of several hosts the one that takes writes: what a replica says is old.</summary>
    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        return settings.Host is { } host && host.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }
}
