using System.Collections.Immutable;
using Npgsql;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Store.Postgres;

public sealed partial class PostgresStore
{
    /// <summary>Replaced whole; two reads at once may both fill it, with the same.</summary>
    private volatile KnownVersions _versions = KnownVersions.None;

    /// <param name="At">The assignment version they are of.</param>
    private sealed record KnownVersions(long Epoch, long At, ImmutableDictionary<BucketRef, long> Sets)
    {
        public static readonly KnownVersions None = new(-1, -1, ImmutableDictionary<BucketRef, long>.Empty);
    }

    /// <param name="RemovedAt">The assignment version that took buckets away last.</param>
    /// <param name="EpochBeganAt">The assignment version that the present leader began on.</param>
    private sealed record Head(LeaseView Lease, long Assignments, long Config, DateTimeOffset Now, long Roster, long RemovedAt, long EpochBeganAt);

    /// <summary>One transaction, so that all parts are of one moment; what its head says to be as the reader has it is not asked for.</summary>
    public Task<ClusterView> ReadAsync(ReadAfter after, CancellationToken cancellation) => AskAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var head = await ReadHeadAsync(connection, cancellation);
        var knowsRoster = after.Roster == head.Roster;
        return new ClusterView(
            head.Lease,
            knowsRoster ? [] : await ListAsync(Command(connection, SqlText.Of("ReadMembers")).With("after", after.Roster ?? -1), ReadMember, cancellation),
            head.Assignments,
            after.Assignments >= head.Assignments
                ? []
                : await ListAsync(Command(connection, SqlText.Of("ReadAssignments")).With("after", after.Assignments), ReadAssignment, cancellation),
            await ReadVersionsAsync(connection, head, isWhole: after.Assignments == 0, cancellation),
            knowsRoster ? [] : await ListAsync(Command(connection, SqlText.Of("ReadPins")), ReadPin, cancellation),
            head.Config,
            head.Now)
        { RosterVersion = head.Roster };
    }, cancellation);

    public Task<IReadOnlyList<StoredTargetSet>> ReadTargetSetsAsync(IReadOnlyCollection<BucketRef>? buckets, CancellationToken cancellation) => AskAsync(connection =>
    {
        var command = Command(connection, SqlText.Of(buckets is null ? "ReadAllTargetSets" : "ReadTargetSets"));
        if (buckets is not null)
        {
            WithBuckets(command, [.. buckets]);
        }

        return ListAsync(command, ReadTargetSet, cancellation);
    }, cancellation);

    public Task<StoredConfig?> ReadConfigAsync(long afterVersion, CancellationToken cancellation) => AskAsync(async connection =>
    {
        var rows = await ListAsync(
            Command(connection, SqlText.Of("ReadConfig")).With("after", afterVersion),
            row => new StoredConfig(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3)),
            cancellation);
        return rows.Count > 0 ? rows[0] : null;
    }, cancellation);

    public Task<IReadOnlyList<ClusterEvent>> ReadEventsAsync(long afterId, int limit, CancellationToken cancellation) => AskAsync(connection => ListAsync(
        Command(connection, SqlText.Of("ReadEvents")).With("after", afterId).With("limit", limit),
        row => new ClusterEvent(
            row.GetInt64(0), row.GetFieldValue<DateTimeOffset>(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetInt64(6)),
        cancellation), cancellation);

    private async Task<Head> ReadHeadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = Command(connection, SqlText.Of("ReadHead"));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new Head(
                new LeaseView(row.GetString(0), row.GetInt64(1), row.GetBoolean(2)), row.GetInt64(3), row.GetInt64(4), row.GetFieldValue<DateTimeOffset>(5), row.GetInt64(6),
                row.GetInt64(7), row.GetInt64(8))
            : throw new StoreUnavailableException($"cluster {_options.Cluster} is not in the database any more: it was restored or emptied");
    }

    /// <summary>
    /// Of all sets, though only those that changed since the last time are read: a cluster of a thousand nodes has tens of thousands, and each node asks after
    /// each commit and each change of leader. Read anew when sets went since, or when this leader began on a store that had lost what was read here.
    /// </summary>
    private async Task<IReadOnlyDictionary<BucketRef, long>> ReadVersionsAsync(NpgsqlConnection connection, Head head, bool isWhole, CancellationToken cancellation)
    {
        var known = _versions;
        var wasLost = known.At > head.Assignments || (known.Epoch != head.Lease.Epoch && known.At > head.EpochBeganAt);
        if (isWhole || wasLost || known.At < head.RemovedAt)
        {
            known = KnownVersions.None;
        }

        var changed = known.At < head.Assignments
            ? await ListAsync(Command(connection, SqlText.Of("ReadVersions")).With("after", known.At), ReadVersion, cancellation)
            : [];
        known = new KnownVersions(head.Lease.Epoch, head.Assignments, known.Sets.SetItems(changed));
        _versions = known;
        return known.Sets;
    }

    private static async Task<IReadOnlyList<T>> ListAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellation))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
    }

    private static void WithBuckets(NpgsqlCommand command, BucketRef[] buckets)
    {
        command.With("jobs", buckets.Select(bucket => bucket.Key.Job).ToArray())
            .With("buckets", buckets.Select(bucket => bucket.Key.Bucket).ToArray())
            .With("counts", buckets.Select(bucket => bucket.Count).ToArray());
    }

    private static Member ReadMember(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), MemberStates.Parse(row.GetString(6)),
        row.GetDouble(7), row.GetDouble(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11), row.GetString(12), row.GetInt64(13), row.GetInt32(14),
        row.GetString(15), row.GetBoolean(16), row.GetFieldValue<TimeSpan>(17));

    private static Assignment ReadAssignment(NpgsqlDataReader row) => new(
        new SlotKey(new BucketKey(row.GetString(0), row.GetInt32(1)), row.GetInt32(2)), row.GetInt32(3), row.GetString(4), row.GetString(5),
        row.GetFieldValue<DateTimeOffset>(6), row.GetInt64(7), row.GetInt64(8), row.GetString(9));

    private static Pin ReadPin(NpgsqlDataReader row) => new(new BucketKey(row.GetString(0), row.GetInt32(1)), row.GetString(2));

    private static KeyValuePair<BucketRef, long> ReadVersion(NpgsqlDataReader row) =>
        KeyValuePair.Create(new BucketRef(new BucketKey(row.GetString(0), row.GetInt32(1)), row.GetInt32(2)), row.GetInt64(3));

    private static StoredTargetSet ReadTargetSet(NpgsqlDataReader row) => new(
        new BucketRef(new BucketKey(row.GetString(0), row.GetInt32(1)), row.GetInt32(2)), row.GetInt64(3), (ulong)row.GetInt64(4), row.GetFieldValue<byte[]>(5));
}
