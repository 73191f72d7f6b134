using Npgsql;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <param name="ConnectionString">Npgsql's; may go through a pooler in transaction mode.</param>
/// <param name="DirectConnectionString">For the doorbell, past any pooler; empty: the other one. Where LISTEN does not work, nodes only look every few seconds.</param>
/// <param name="Cluster">Key of all rows.</param>
/// <param name="StatementTimeout">Below a third of the lease's time to live.</param>
public sealed record PostgresOptions(string ConnectionString, string DirectConnectionString, string Cluster, TimeSpan StatementTimeout)
{
    /// <summary>Where the tables are.</summary>
    public const string Schema = "scrapecluster";

    /// <summary>Why Npgsql cannot read the connection strings, without their values; null when it can.</summary>
    public string? Fault => FaultOf(ConnectionString) ?? FaultOf(DirectConnectionString);

    private static string? FaultOf(string connection)
    {
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connection);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException)
        {
            return e.Message;
        }
    }
}
