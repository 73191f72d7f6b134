using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Model.ClusterApi;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Api;

/// <summary>Orders that are rows of the database: every node may write them, the leader acts on them.</summary>
internal static class StoreOrders
{
    public static async Task CarryAsync(HttpContext http, NodeContext node, OperatorOrder order, string notFound, string done)
    {
        if (node.Cluster is not { } cluster)
        {
            await ClusterEndpoints.WithoutCluster(http);
            return;
        }

        try
        {
            await (await cluster.Store.OrderAsync(order, http.RequestAborted)
                ? ClusterEndpoints.Answer(http, new OrderStatus(done), ClusterApiJson.Default.OrderStatus)
                : ApiAnswer.Error(http, ApiError.NotFound(notFound)));
        }
        catch (StoreUnavailableException e)
        {
            await ApiAnswer.Error(http, ApiError.Unavailable(e.Message));
        }
    }
}
