using System.Diagnostics;
using Npgsql;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>What the coordination store says, read past all nodes.</summary>
internal sealed class StoreWatch(NpgsqlDataSource source, string cluster) : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    /// <summary>Empty when nobody holds the lease now.</summary>
    public async Task<(string Node, long Epoch)> LeaderAsync()
    {
        var rows = await RowsAsync("select holder, epoch from scrapecluster.leases where cluster = @cluster and role = 'leader' and expires_at > clock_timestamp()",
            row => (row.GetString(0), row.GetInt64(1)));
        return rows.Count == 1 ? rows[0] : ("", 0);
    }

    public Task<List<StoredMember>> MembersAsync()
    {
        return RowsAsync("select node, state, incarnation from scrapecluster.members where cluster = @cluster order by node",
            row => new StoredMember(row.GetString(0), row.GetString(1), row.GetInt64(2)));
    }

    public Task<List<StoredAssignment>> AssignmentsAsync()
    {
        return RowsAsync("select job || '/' || bucket || '/' || slot, owner, epoch, version, effective_at > clock_timestamp() from scrapecluster.assignments where cluster = @cluster order by 1",
            row => new StoredAssignment(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3), row.GetBoolean(4)));
    }

    public Task<List<StoredEvent>> EventsAsync(long after = 0)
    {
        return RowsAsync($"select id, kind, subject, detail, node, epoch from scrapecluster.events where cluster = @cluster and id > {after} order by id",
            row => new StoredEvent(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5)));
    }

    public async Task<long> LastEventAsync() => (await EventsAsync()).Select(e => e.Id).LastOrDefault();

    /// <summary>From now until each slot of these nodes was written to another; looks every few milliseconds until none is left.</summary>
    /// <param name="before">The rows before they went: the first look may come after some are written.</param>
    public async Task<IReadOnlyList<TimeSpan>> ReownedAsync(IReadOnlyCollection<string> gone, IReadOnlyList<StoredAssignment> before, TimeSpan deadline)
    {
        var watch = Stopwatch.StartNew();
        var times = new List<TimeSpan>();
        var left = before.Count(row => gone.Contains(row.Owner));
        while (left > 0)
        {
            Assert.True(watch.Elapsed < deadline, $"{left} slots of {string.Join(", ", gone)} are not re-owned after {deadline.TotalSeconds:0} s; {times.Count} are");
            await Task.Delay(Look);
            var now = await OwnedAsync(gone);
            times.AddRange(Enumerable.Repeat(watch.Elapsed, Math.Max(0, left - now)));
            left = now;
        }

        return times;
    }

    /// <summary>When each of these was first seen not to be up any more, from now on and in this order; looks every few milliseconds until none is up.</summary>
    public async Task<IReadOnlyList<MemberChange>> LeftAsync(IReadOnlyCollection<string> nodes, TimeSpan deadline)
    {
        var watch = Stopwatch.StartNew();
        var seen = new List<MemberChange>();
        while (seen.Count < nodes.Count)
        {
            Assert.True(watch.Elapsed < deadline, $"only {string.Join(", ", seen)} of {string.Join(", ", nodes)} went within {deadline.TotalSeconds:0} s");
            var up = (await MembersAsync()).Where(member => member.State == "up").Select(member => member.Node).ToHashSet(StringComparer.Ordinal);
            seen.AddRange(nodes.Where(node => !up.Contains(node) && !seen.Exists(one => one.Node == node)).Select(node => new MemberChange(node, watch.Elapsed)));
            await Task.Delay(Look);
        }

        return seen;
    }

    /// <summary>When each node that joined after an event did, by the store's clock, counted from the first.</summary>
    public async Task<IReadOnlyList<MemberChange>> JoinedAsync(long after)
    {
        var joined = await RowsAsync($"select subject, at from scrapecluster.events where cluster = @cluster and id > {after} and kind = 'join' order by id",
            row => (Node: row.GetString(0), At: row.GetDateTime(1)));
        return [.. joined.Select(one => new MemberChange(one.Node, one.At - joined[0].At))];
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async Task<int> OwnedAsync(IReadOnlyCollection<string> nodes)
    {
        await using var command = source.CreateCommand("select count(*) from scrapecluster.assignments where cluster = @cluster and owner = any(@nodes)");
        command.Parameters.AddWithValue("cluster", cluster);
        command.Parameters.AddWithValue("nodes", nodes.ToArray());
        return (int)(long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = source.CreateCommand(sql);
        command.Parameters.AddWithValue("cluster", cluster);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}

internal sealed record StoredMember(string Node, string State, long Incarnation);

internal sealed record MemberChange(string Node, TimeSpan At);

/// <param name="IsAhead">Its instant has not come yet.</param>
internal sealed record StoredAssignment(string Slot, string Owner, long Epoch, long Version, bool IsAhead);

internal sealed record StoredEvent(long Id, string Kind, string Subject, string Detail, string Node, long Epoch);
