using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary><c>remote_write</c>: the queues of all nodes, or of one (<c>node=NAME</c>).</summary>
internal static class RemoteWriteEndpoint
{
    public static void Map(IEndpointRouteBuilder routes, Fanout fanout)
    {
        routes.MapGet($"{ClusterEndpoints.Prefix}/remote_write", http => AnswerAsync(http, fanout));
    }

    private static async Task AnswerAsync(HttpContext http, Fanout fanout)
    {
        var name = http.Request.Query["node"].ToString();
        if (name.Length > 0)
        {
            var one = await fanout.AskOneAsync(name, Questions.RemoteWrite, new TextAsked(), Fanout.Patience, http.RequestAborted);
            await (one.Parts is [var part]
                ? ClusterEndpoints.Answer(http, part.Part, ClusterApiJson.Default.RemoteWriteStatus)
                : ClusterEndpoints.NotAnswered(http, one.Missing[0]));
            return;
        }

        var all = await fanout.AskAllAsync(Questions.RemoteWrite, new TextAsked(), http.RequestAborted);
        var queues = all.Parts.SelectMany(part => part.Part.Queues).OrderBy(queue => queue.Node, StringComparer.Ordinal).ThenBy(queue => queue.Name, StringComparer.Ordinal);
        await ClusterEndpoints.Answer(http, new RemoteWriteStatus([.. queues]), ClusterApiJson.Default.RemoteWriteStatus, all.Warnings);
    }
}
