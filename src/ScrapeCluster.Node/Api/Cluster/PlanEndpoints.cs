using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary><c>plan</c>: what the leader would move to even out load; <c>rebalance</c> moves it.</summary>
internal static class PlanEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet($"{ClusterEndpoints.Prefix}/plan", http => Ask(http, fanout, Questions.Plan));
        routes.MapPost($"{ClusterEndpoints.Prefix}/rebalance", AdminGate.Guard(node, http => Ask(http, fanout, Questions.Rebalance)));
    }

    private static async Task Ask(HttpContext http, Fanout fanout, JsonQuestion<PlanStatus> question)
    {
        try
        {
            var answer = await fanout.AskLeaderAsync(question, new TextAsked(), http.RequestAborted);
            await (answer.Parts is [var part]
                ? ClusterEndpoints.Answer(http, part.Part, ClusterApiJson.Default.PlanStatus)
                : ClusterEndpoints.LeaderIsMissing(http, answer.Missing[0]));
        }
        catch (OrderRefusedException e)
        {
            await ApiAnswer.Error(http, ApiError.Unavailable($"there is no plan: {e.Message}"));
        }
    }
}
