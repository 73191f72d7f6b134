using Npgsql;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Store.Postgres;

public sealed partial class PostgresStore
{
    public Task<CommitResult> CommitAsync(LeaderCommit commit, CancellationToken cancellation) => AskAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        // A leader that is stopped in the middle must not hold up its successor for longer than this.
        var limit = (long)_options.StatementTimeout.TotalMilliseconds;
        await ExecuteAsync(connection, $"set local idle_in_transaction_session_timeout = {limit}; set local statement_timeout = {limit}; set local synchronous_commit = on", cancellation);
        var (epoch, version) = await FenceAsync(connection, cancellation);
        if (epoch != commit.Epoch || version != commit.ExpectedVersion)
        {
            return new CommitResult(epoch != commit.Epoch ? CommitOutcome.Fenced : CommitOutcome.Overtaken, version);
        }

        foreach (var change in commit.Members)
        {
            await SetStateAsync(connection, change.Node, change.Incarnation, change.State, cancellation);
        }

        await RemoveAsync(connection, commit.Removed, cancellation);
        await ForgetAsync(connection, commit.Forgotten, cancellation);
        if (commit.VersionAfter(version) is var raised && raised > version)
        {
            version = raised;
            await RaiseAsync(connection, version, commit, cancellation);
            await WriteAsync(connection, commit.TargetSets, version, cancellation);
            await WriteAsync(connection, commit.Assignments, epoch, version, cancellation);
        }

        await WriteAsync(connection, commit.Events, cancellation);
        await RingAsync(connection, version, cancellation);
        await transaction.CommitAsync(cancellation);
        return new CommitResult(CommitOutcome.Committed, version);
    }, cancellation);

    public Task<bool> SetOwnStateAsync(string node, long incarnation, MemberState state, CancellationToken cancellation) => AskAsync(
        async connection =>
        {
            var isDone = await SetStateAsync(connection, node, incarnation, state, cancellation);
            await RingAsync(connection, 0, cancellation);
            return isDone;
        },
        cancellation);

    public Task<bool> OrderAsync(OperatorOrder order, CancellationToken cancellation) => AskAsync(
        async connection =>
        {
            await using var command = Command(connection, SqlText.Of(NameOf(order.Kind))).With("node", order.Node);
            if (order.Bucket is { } bucket)
            {
                command.With("job", bucket.Job).With("bucket", bucket.Bucket);
            }

            var isDone = await command.ExecuteNonQueryAsync(cancellation) > 0;
            await RingAsync(connection, 0, cancellation);
            return isDone;
        },
        cancellation);

    public Task<long?> PublishConfigAsync(long expectedVersion, byte[] payload, string publishedBy, CancellationToken cancellation) => AskAsync<long?>(
        async connection =>
        {
            await using var command = Command(connection, SqlText.Of("PublishConfig"))
                .With("expected", expectedVersion).With("payload", payload).With("published_by", publishedBy);
            var version = await command.ExecuteScalarAsync(cancellation) as long?;
            await RingAsync(connection, 0, cancellation);
            return version;
        },
        cancellation);

    public Task NoteAsync(ClusterEvent noted, CancellationToken cancellation) => AskAsync(
        async connection =>
        {
            await WriteAsync(connection, [noted], cancellation);
            return true;
        },
        cancellation);

    private static string NameOf(OrderKind kind) => kind switch
    {
        OrderKind.Cordon => "Cordon",
        OrderKind.Uncordon => "Uncordon",
        OrderKind.Down => "DeclareDown",
        OrderKind.Leave => "TellToLeave",
        OrderKind.Pin => "Pin",
        _ => "Unpin",
    };

    private async Task<(long Epoch, long Version)> FenceAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = Command(connection, SqlText.Of("Fence"));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation) ? (row.GetInt64(0), row.GetInt64(1)) : (-1, 0);
    }

    private async Task<bool> SetStateAsync(NpgsqlConnection connection, string node, long incarnation, MemberState state, CancellationToken cancellation)
    {
        await using var command = Command(connection, SqlText.Of("SetState")).With("node", node).With("incarnation", incarnation).With("state", MemberStates.Write(state));
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    private async Task RemoveAsync(NpgsqlConnection connection, IReadOnlyList<BucketRef> removed, CancellationToken cancellation)
    {
        if (removed.Count == 0)
        {
            return;
        }

        foreach (var name in (string[])["RemoveAssignments", "RemoveTargetSets"])
        {
            await using var command = Command(connection, SqlText.Of(name));
            WithBuckets(command, [.. removed]);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private async Task ForgetAsync(NpgsqlConnection connection, IReadOnlyList<SlotKey> slots, CancellationToken cancellation)
    {
        if (slots.Count == 0)
        {
            return;
        }

        await using var command = Command(connection, SqlText.Of("RemoveSlots"))
            .With("jobs", slots.Select(slot => slot.Bucket.Job).ToArray())
            .With("buckets", slots.Select(slot => slot.Bucket.Bucket).ToArray())
            .With("slots", slots.Select(slot => slot.Slot).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<StoredTargetSet> sets, long since, CancellationToken cancellation)
    {
        if (sets.Count == 0)
        {
            return;
        }

        await using var command = Command(connection, SqlText.Of("WriteTargetSets"));
        WithBuckets(command, [.. sets.Select(set => set.Bucket)]);
        command.With("versions", sets.Select(set => set.Version).ToArray())
            .With("checksums", sets.Select(set => (long)set.Checksum).ToArray())
            .With("payloads", sets.Select(set => set.Payload).ToArray())
            .With("since", since);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>After a repair nobody goes on from what was read before it either.</summary>
    private async Task RaiseAsync(NpgsqlConnection connection, long version, LeaderCommit commit, CancellationToken cancellation)
    {
        await using var command = Command(connection, SqlText.Of("Raise")).With("version", version).With("removes", commit.Removed.Count > 0 || commit.AtLeastVersion > 0);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<Assignment> rows, long epoch, long version, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return;
        }

        await using var command = Command(connection, SqlText.Of("WriteAssignments"));
        WithBuckets(command, [.. rows.Select(row => new BucketRef(row.Slot.Bucket, row.Count))]);
        command.With("slots", rows.Select(row => row.Slot.Slot).ToArray())
            .With("owners", rows.Select(row => row.Owner).ToArray())
            .With("previous", rows.Select(row => row.Previous).ToArray())
            .With("effective_at", rows.Select(row => row.EffectiveAt.ToUniversalTime()).ToArray())
            .With("reasons", rows.Select(row => row.Reason).ToArray())
            .With("epoch", epoch)
            .With("version", version);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<ClusterEvent> events, CancellationToken cancellation)
    {
        if (events.Count == 0)
        {
            return;
        }

        await using var command = Command(connection, SqlText.Of("WriteEvents"))
            .With("kinds", events.Select(noted => noted.Kind).ToArray())
            .With("subjects", events.Select(noted => noted.Subject).ToArray())
            .With("details", events.Select(noted => noted.Detail).ToArray())
            .With("nodes", events.Select(noted => noted.Node).ToArray())
            .With("epochs", events.Select(noted => noted.Epoch).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A doorbell and no letter: who hears it reads again.</summary>
    private async Task RingAsync(NpgsqlConnection connection, long version, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select pg_notify(@channel, @payload)", connection)
            .With("channel", PostgresDoorbell.ChannelOf(_options.Cluster)).With("payload", version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
