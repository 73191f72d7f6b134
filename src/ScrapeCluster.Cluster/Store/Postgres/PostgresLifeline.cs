using Npgsql;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <summary>
/// Blocking calls on one connection of its own, opened again after any failure: a connection that failed once is not trusted. While the database is silent it
/// first looks whether packets get through at all, so that the end of the silence is known in a moment. Read and written from one thread.
/// </summary>
internal sealed class PostgresLifeline(NpgsqlDataSource source, string cluster) : ILifeline
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(300);

    /// <summary>Now and then it is tried whatever the looks say: they know neither all addresses nor how slow a line may be.</summary>
    private const int LooksOfAnAttempt = 20;

    private readonly StorePath _path = StorePath.Of(source);
    private NpgsqlConnection? _connection;
    private bool _isSilent;
    private int _looks;

    public JoinAnswer Join(JoinRequest request) => Ask(connection =>
    {
        using var command = Command(connection, "Join");
        command.With("node", request.Node).With("data_id", request.DataId).With("address", request.Address).With("api_address", request.ApiAddress)
            .With("zone", request.Zone).With("capacity", request.Capacity).With("protocol", request.Protocol).With("version", request.Version)
            .With("alive_within", request.AliveWithin);
        return command.ExecuteScalar() is long incarnation
            ? new JoinAnswer(incarnation, null)
            : new JoinAnswer(null, JoinRefusal.NameTaken(request.Node, AddressOf(connection, request.Node)));
    });

    public HeartbeatAnswer Beat(Heartbeat heartbeat) => Ask(connection =>
    {
        using var command = Command(connection, "Beat");
        command.With("node", heartbeat.Node).With("incarnation", heartbeat.Incarnation).With("load", heartbeat.Load).With("progress", heartbeat.Progress)
            .With("applied_assignments", heartbeat.AppliedAssignments).With("applied_config", heartbeat.AppliedConfig)
            .With("config_hash", heartbeat.ConfigHash).With("highest_epoch", heartbeat.HighestEpoch);
        using var reader = command.ExecuteReader();
        if (!reader.Read())
        {
            throw new StoreUnavailableException($"cluster {cluster} is not in the database any more: it was restored or emptied");
        }

        return new HeartbeatAnswer(
            reader.GetBoolean(1), MemberStates.Parse(reader.GetString(0)), new LeaseView(reader.GetString(2), reader.GetInt64(3), reader.GetBoolean(4)),
            reader.GetInt64(5), reader.GetInt64(6), reader.GetFieldValue<DateTimeOffset>(7))
        {
            StoredIncarnation = reader.GetInt64(8),
            LeaseEndsIn = reader.IsDBNull(9) ? null : reader.GetFieldValue<TimeSpan>(9),
            RosterVersion = reader.GetInt64(10),
        };
    });

    public LeaseAnswer Hold(string role, string node, long incarnation, TimeSpan ttl, long? earlyFromEpoch = null, long atLeastEpoch = 0) => Ask(connection =>
    {
        using var command = Command(connection, "Hold");
        command.With("role", role).With("node", node).With("incarnation", incarnation).With("ttl", ttl).With("early", earlyFromEpoch ?? -1).With("at_least", atLeastEpoch);
        using var reader = command.ExecuteReader();
        return reader.Read()
            ? new LeaseAnswer(reader.GetBoolean(0), new LeaseView(reader.GetString(1), reader.GetInt64(2), reader.GetBoolean(3)))
            : new LeaseAnswer(false, new LeaseView("", 0, IsExpired: true));
    });

    public void Resign(string role, string node, long incarnation, long epoch) => Ask(connection =>
    {
        using var command = Command(connection, "Resign");
        command.With("role", role).With("node", node).With("incarnation", incarnation).With("epoch", epoch);
        return command.ExecuteNonQuery();
    });

    public void Dispose()
    {
        Drop();
        source.Dispose();
    }

    private T Ask<T>(Func<NpgsqlConnection, T> question)
    {
        try
        {
            _connection ??= Open();
            return question(_connection);
        }
        catch (Exception e) when (StoreFault.IsOne(e))
        {
            Drop();
            var fault = StoreFault.Of(e, source);
            _isSilent = fault.IsSilent;
            throw fault;
        }
    }

    private NpgsqlConnection Open()
    {
        if (_isSilent && ++_looks % LooksOfAnAttempt != 0 && !_path.IsOpen(LongestLook))
        {
            throw new TimeoutException("no packet comes back from there");
        }

        var connection = source.OpenConnection();
        _isSilent = false;
        _path.Resolve();
        return connection;
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string name) => new NpgsqlCommand(SqlText.Of(name), connection).With("cluster", cluster);

    private string AddressOf(NpgsqlConnection connection, string node)
    {
        using var command = new NpgsqlCommand("select address from scrapecluster.members where cluster = @cluster and node = @node", connection).With("cluster", cluster).With("node", node);
        return command.ExecuteScalar() as string ?? "an unknown address";
    }

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
