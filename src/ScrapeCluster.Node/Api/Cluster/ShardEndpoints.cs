using System.Globalization;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary><c>shards</c>, <c>shards/why</c>, <c>shards/release</c> and <c>pins</c>: who scrapes what, and why.</summary>
internal static class ShardEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet($"{ClusterEndpoints.Prefix}/shards", http => Shards(http, node, fanout));
        routes.MapGet($"{ClusterEndpoints.Prefix}/shards/why", http => Why(http, node, fanout));
        routes.MapGet($"{ClusterEndpoints.Prefix}/pins", http => Pins(http, node));
        routes.MapPut($"{ClusterEndpoints.Prefix}/pins", AdminGate.Guard(node, http => Pin(http, node)));
        routes.MapDelete($"{ClusterEndpoints.Prefix}/pins", AdminGate.Guard(node, http => Unpin(http, node)));
        routes.MapPost($"{ClusterEndpoints.Prefix}/shards/release", AdminGate.Guard(node, http => Release(http, fanout)));
    }

    private static async Task Shards(HttpContext http, NodeContext node, Fanout fanout)
    {
        if (node.Cluster is not { } cluster)
        {
            await ClusterEndpoints.WithoutCluster(http);
            return;
        }

        var job = http.Request.Query["job"].ToString();
        var answer = await fanout.AskAllAsync(Questions.SlotLoads, new TextAsked(), http.RequestAborted);
        var loads = new Dictionary<(string, SlotKey), SlotLoad>();
        foreach (var (name, part) in answer.Parts)
        {
            foreach (var load in part)
            {
                loads[(name, new SlotKey(new BucketKey(load.Job, load.Bucket), load.Slot))] = load;
            }
        }

        var now = node.Time.GetUtcNow();
        var picture = cluster.Board.Current;
        var shards = picture.Assignments.Values
            .Where(row => job.Length == 0 || row.Slot.Bucket.Job == job)
            .OrderBy(row => row.Slot)
            .Select(row => SlotOf(row, loads.GetValueOrDefault((SlotOwners.OwnerAt(row, now), row.Slot))));
        var warnings = MissingText.Join(MemberEndpoints.StaleWarning(node), answer.Warnings);
        await ClusterEndpoints.Answer(http, new ShardsStatus(picture.AssignmentVersion, [.. shards]), ClusterApiJson.Default.ShardsStatus, warnings);
    }

    private static SlotStatus SlotOf(Assignment row, SlotLoad? load) => new(
        row.Slot.Bucket.Job,
        row.Slot.Bucket.Bucket,
        row.Slot.Slot,
        row.Count,
        row.Owner,
        row.Previous,
        row.EffectiveAt > DateTimeOffset.UnixEpoch ? row.EffectiveAt : null,
        row.Epoch,
        row.Version,
        row.Reason,
        load?.Targets,
        load?.Down,
        load?.SamplesPerSecond);

    private static async Task Why(HttpContext http, NodeContext node, Fanout fanout)
    {
        var asked = http.Request.Query["target"].ToString();
        if (asked.Length == 0)
        {
            await ApiAnswer.Error(http, ApiError.BadData("no target parameter provided: a URL, host:port, a hash, or a selector such as {job=\"node\"}"));
            return;
        }

        if (TargetSearch.Parse(asked, out var fault) is not { } search)
        {
            await ApiAnswer.Error(http, ApiError.BadData($"invalid parameter \"target\": {fault}"));
            return;
        }

        var (fates, warnings) = await new TargetFatesReader(node, fanout).ReadAsync(asked, search, http.RequestAborted);
        await (fates.Targets.Count > 0
            ? ClusterEndpoints.Answer(http, fates, ClusterApiJson.Default.TargetFates, warnings)
            : ApiAnswer.Error(http, ApiError.NotFound(NotFoundText(asked, warnings))));
    }

    private static string NotFoundText(string asked, IReadOnlyList<string>? warnings)
    {
        var text = $"no job's discovery has found a target that fits {asked}: look at the job's discovery, or at /api/v1/targets for how targets are named";
        return warnings is null ? text : $"{text} ({string.Join("; ", warnings)})";
    }

    private static Task Pins(HttpContext http, NodeContext node)
    {
        return node.Cluster is { } cluster
            ? ClusterEndpoints.Answer(
                http,
                new PinsStatus([.. cluster.Board.Current.Pins.Select(pin => new PinStatus(pin.Bucket.Job, pin.Bucket.Bucket, pin.Node))]),
                ClusterApiJson.Default.PinsStatus)
            : ClusterEndpoints.WithoutCluster(http);
    }

    private static Task Pin(HttpContext http, NodeContext node)
    {
        var name = http.Request.Query["node"].ToString();
        if (BucketIn(http) is not { } bucket || name.Length == 0)
        {
            return ApiAnswer.Error(http, ApiError.BadData("job, bucket and node are required, e.g. ?job=node&bucket=3&node=node1"));
        }

        return node.Cluster is { } cluster && cluster.Board.Current.Members.All(member => member.Node != name)
            ? ApiAnswer.Error(http, ApiError.NotFound($"there is no member {name}"))
            : StoreOrders.CarryAsync(http, node, new OperatorOrder(OrderKind.Pin, name, bucket), $"there is no bucket {bucket}", $"{bucket} is wanted on {name}; it moves with the next plan");
    }

    private static Task Unpin(HttpContext http, NodeContext node)
    {
        return BucketIn(http) is not { } bucket
            ? ApiAnswer.Error(http, ApiError.BadData("job and bucket are required, e.g. ?job=node&bucket=3"))
            : StoreOrders.CarryAsync(http, node, new OperatorOrder(OrderKind.Unpin, "", bucket), $"{bucket} is not pinned", $"{bucket} is placed by load again");
    }

    private static async Task Release(HttpContext http, Fanout fanout)
    {
        if (BucketIn(http) is not { } bucket)
        {
            await ApiAnswer.Error(http, ApiError.BadData("job and bucket are required, e.g. ?job=node&bucket=3"));
            return;
        }

        try
        {
            // Not the caller's token: what the leader has begun, it carries out.
            var answer = await fanout.AskLeaderAsync(Questions.Release, new TextAsked { Text = ReleaseQuestion.Asked(bucket) }, CancellationToken.None);
            await (answer.Parts is not [var part] ? ClusterEndpoints.LeaderIsMissing(http, answer.Missing[0])
                : part.Part.Slots.Count == 0 ? ApiAnswer.Error(http, ApiError.NotFound(part.Part.Text))
                : ClusterEndpoints.Answer(http, part.Part, ClusterApiJson.Default.ReleaseStatus));
        }
        catch (OrderRefusedException e)
        {
            await ApiAnswer.Error(http, ApiError.Unavailable($"nothing was released: {e.Message}"));
        }
    }

    private static BucketKey? BucketIn(HttpContext http)
    {
        var job = http.Request.Query["job"].ToString();
        return job.Length > 0 && int.TryParse(http.Request.Query["bucket"], NumberStyles.None, CultureInfo.InvariantCulture, out var bucket)
            ? new BucketKey(job, bucket)
            : null;
    }
}
