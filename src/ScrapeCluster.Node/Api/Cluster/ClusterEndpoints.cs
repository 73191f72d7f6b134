using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// <c>/api/cluster/v1/*</c>: what Prometheus's API has no place for, in its envelope. Reading is open as on the rest of the API; what changes the cluster
/// (POST, PUT, DELETE) passes <see cref="AdminGate"/>. docs/api.md describes the paths.
/// </summary>
internal static class ClusterEndpoints
{
    public const string Prefix = "/api/cluster/v1";

    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet($"{Prefix}/target_sets", http => TargetSets(http, fanout));
        NodeEndpoints.Map(routes, node, fanout);
        MemberEndpoints.Map(routes, node, fanout);
        ShardEndpoints.Map(routes, node, fanout);
        PlanEndpoints.Map(routes, node, fanout);
        RemoteWriteEndpoint.Map(routes, fanout);
    }

    public static Task Answer<T>(HttpContext http, T answer, JsonTypeInfo<T> type, IReadOnlyList<string>? warnings = null)
    {
        return ApiAnswer.Success(http, json => JsonSerializer.Serialize(json, answer, type), warnings);
    }

    /// <summary>What a node that was asked alone did not answer: it is not there, or it refused.</summary>
    public static Task NotAnswered(HttpContext http, MissingNode missing)
    {
        return ApiAnswer.Error(http, missing.IsUnknown
            ? ApiError.NotFound($"there is no member {missing.Node}")
            : ApiError.Unavailable($"node {missing.Node} does not do it: {missing.Reason}"));
    }

    public static Task LeaderIsMissing(HttpContext http, MissingNode missing)
    {
        return ApiAnswer.Error(http, ApiError.Unavailable($"the leader ({missing.Node}) does not answer: {missing.Reason}"));
    }

    public static Task WithoutCluster(HttpContext http) => ApiAnswer.Error(http, ApiError.Unavailable("this node is not part of a cluster"));

    private static async Task TargetSets(HttpContext http, Fanout fanout)
    {
        var answer = await fanout.AskLeaderAsync(Questions.TargetSets, new TextAsked(), http.RequestAborted);
        await (answer.Parts is [var part]
            ? Answer(http, part.Part, ClusterApiJson.Default.IReadOnlyDictionaryStringIReadOnlyListFoundGroup)
            : LeaderIsMissing(http, answer.Missing[0]));
    }
}
