using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <summary>Says which database failed, and why; never with its password.</summary>
internal static class StoreFault
{
    /// <summary>Whether the database or the way to it failed. A host name that does not resolve comes out of Npgsql as the bare socket's exception.</summary>
    public static bool IsOne(Exception e) => e is DbException or TimeoutException or IOException or SocketException;

    public static StoreUnavailableException Of(Exception cause, NpgsqlDataSource source)
    {
        var target = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        return new StoreUnavailableException($"PostgreSQL {target.Host}:{target.Port}/{target.Database}: {cause.Message} (scrapecluster.cluster.database)", cause)
        {
            IsSilent = IsSilence(cause),
        };
    }

    private static bool IsSilence(Exception? cause) =>
        cause is TimeoutException || (cause is SocketException socket && StorePath.IsSilence(socket.SocketErrorCode)) || (cause?.InnerException is { } inner && IsSilence(inner));
}
