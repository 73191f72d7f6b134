using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary><c>status</c> and <c>actors</c>: of this node, of another one (<c>node=NAME</c>), actors also of all (<c>node=*</c>).</summary>
internal static class NodeEndpoints
{
    private const string AllNodes = "*";

    public static void Map(IEndpointRouteBuilder routes, NodeContext node, Fanout fanout)
    {
        routes.MapGet($"{ClusterEndpoints.Prefix}/status", http => Status(http, node, fanout));
        routes.MapGet($"{ClusterEndpoints.Prefix}/actors", http => Actors(http, node, fanout));
    }

    private static async Task Status(HttpContext http, NodeContext node, Fanout fanout)
    {
        var answer = await fanout.AskOneAsync(NameIn(http, node), Questions.Status, new TextAsked(), Fanout.Patience, http.RequestAborted);
        await (answer.Parts is [var part]
            ? ClusterEndpoints.Answer(http, part.Part, ClusterApiJson.Default.NodeStatus)
            : ClusterEndpoints.NotAnswered(http, answer.Missing[0]));
    }

    private static async Task Actors(HttpContext http, NodeContext node, Fanout fanout)
    {
        var path = http.Request.Query["path"].ToString() is { Length: > 0 } given ? given : "/user";
        var asked = new TextAsked { Text = path };
        if (http.Request.Query["node"] == AllNodes)
        {
            var all = await fanout.AskAllAsync(Questions.Actors, asked, http.RequestAborted);
            var nodes = new NodeActorsStatus([.. all.Parts.Select(part => new ActorsOfNode(part.Node, part.Part.Actors))]);
            await ClusterEndpoints.Answer(http, nodes, ClusterApiJson.Default.NodeActorsStatus, all.Warnings);
            return;
        }

        var answer = await fanout.AskOneAsync(NameIn(http, node), Questions.Actors, asked, Fanout.Patience, http.RequestAborted);
        await (answer.Parts is not [var part] ? ClusterEndpoints.NotAnswered(http, answer.Missing[0])
            : part.Part.Actors.Count == 0 ? ApiAnswer.Error(http, ApiError.NotFound($"there is no actor {path}"))
            : ClusterEndpoints.Answer(http, part.Part, ClusterApiJson.Default.ActorsStatus));
    }

    private static string NameIn(HttpContext http, NodeContext node)
    {
        return http.Request.Query["node"].ToString() is { Length: > 0 } name ? name : node.Cluster?.Node ?? "";
    }
}
