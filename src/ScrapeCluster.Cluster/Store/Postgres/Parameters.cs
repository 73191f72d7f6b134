using Npgsql;

namespace ScrapeCluster.Cluster.Store.Postgres;

internal static class Parameters
{
    public static NpgsqlCommand With<T>(this NpgsqlCommand command, string name, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T>(name, value));
        return command;
    }
}
