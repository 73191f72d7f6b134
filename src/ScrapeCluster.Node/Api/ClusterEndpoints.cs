using System.Text;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Api;

/// <summary><c>/api/cluster/v1/*</c>: what Prometheus's API has no place for.</summary>
internal static class ClusterEndpoints
{
    private static readonly byte[] AddressLabel = Encoding.ASCII.GetBytes("__address__");

    public static void Map(IEndpointRouteBuilder routes, NodeContext node)
    {
        routes.MapGet("/api/cluster/v1/target_sets", http => ApiAnswer.Success(http, json =>
        {
            json.WriteStartObject();
            foreach (var job in node.Board.Jobs)
            {
                json.WriteStartArray(job.Job);
                foreach (var group in job.Groups)
                {
                    json.WriteStartObject();
                    json.WriteStartArray("targets");
                    foreach (var target in group.Targets)
                    {
                        json.WriteStringValue(target.TryGet(AddressLabel, out var address) ? address : default);
                    }

                    json.WriteEndArray();
                    json.WriteLabels("labels", group.Labels);
                    json.WriteString("source", group.Source);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }));
    }
}
