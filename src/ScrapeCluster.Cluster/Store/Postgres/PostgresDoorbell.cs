using System.Text;
using Npgsql;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <summary>
/// LISTEN on a connection of its own. To begin to listen counts as a ring, since one may have been missed; a ring that is lost is made up for by the next
/// heartbeat.
/// </summary>
internal sealed class PostgresDoorbell(PostgresOptions options) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = PostgresSources.Direct(options);
    private readonly SemaphoreSlim _turn = new(1);
    private NpgsqlConnection? _connection;

    /// <summary>Channel names are short identifiers; cluster names are any text.</summary>
    public static string ChannelOf(string cluster) => $"scrapecluster_{XxHash64.Hash(Encoding.UTF8.GetBytes(cluster)):x16}";

    public async Task<bool> WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (_connection is null)
            {
                await ListenAsync(cancellation);
                return true;
            }

            return await _connection.WaitAsync(longest, cancellation);
        }
        catch (Exception e) when (StoreFault.IsOne(e))
        {
            await DropAsync();
            await Task.Delay(longest, cancellation);
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        await _source.DisposeAsync();
        _turn.Dispose();
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        _connection = await _source.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand($"listen {ChannelOf(options.Cluster)}", _connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task DropAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }
}
