using System.Text.Json;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Node.Api;

/// <summary><c>/api/cluster/v1/*</c>: what Prometheus's API has no place for.</summary>
internal static class ClusterEndpoints
{
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
                        WriteAddress(json, target);
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
        routes.MapGet("/api/cluster/v1/actors", http => Actors(http, node));
    }

    private static void WriteAddress(Utf8JsonWriter json, Labels target)
    {
        target.TryGet("__address__"u8, out var address);
        json.WriteStringValue(AddressMask.TryMask(address, out var masked) ? masked : address);
    }

    /// <summary>How the actors do, parents before children; of one and all below it when <c>path</c> is given.</summary>
    private static Task Actors(HttpContext http, NodeContext node)
    {
        var path = http.Request.Query["path"].ToString();
        var statistics = node.InspectActors(path.Length > 0 ? path : "/user");
        return statistics is null
            ? ApiAnswer.Error(http, ApiError.NotFound($"there is no actor {path}"))
            : ApiAnswer.Success(http, json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("actors");
                Write(json, statistics);
                json.WriteEndArray();
                json.WriteEndObject();
            });
    }

    private static void Write(Utf8JsonWriter json, ActorStatistics actor)
    {
        json.WriteStartObject();
        json.WriteString("path", actor.Path.ToStringWithoutAddress());
        json.WriteString("type", actor.Type);
        json.WriteNumber("mailboxLength", actor.MailboxLength);
        json.WriteNumber("processed", actor.Processed);
        json.WriteNumber("restarts", actor.Restarts);
        json.WriteNumber("handlerSeconds", actor.HandlerTime.TotalSeconds);
        if (actor.LastFailure is { } failure)
        {
            json.WriteStartObject("lastFailure");
            json.WriteString("at", ApiTime.Format(failure.At));
            json.WriteString("error", $"{failure.Cause.GetType().Name}: {failure.Cause.Message}");
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("lastFailure");
        }

        json.WriteEndObject();
        foreach (var child in actor.Children)
        {
            Write(json, child);
        }
    }
}
