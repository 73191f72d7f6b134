using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Node.Api;

/// <summary><c>/api/v1/series</c>, <c>/api/v1/labels</c>, <c>/api/v1/label/NAME/values</c>.</summary>
internal static class SeriesEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, NodeContext node)
    {
        routes.MapMethods("/api/v1/series", ["GET", "POST"], http => Series(http, node.Storage.Query));
        routes.MapMethods("/api/v1/labels", ["GET", "POST"], http => Names(http, node.Storage.Query));
        routes.MapGet("/api/v1/label/{name}/values", http => Values(http, node.Storage.Query));
    }

    private static async Task Series(HttpContext http, HeadQuery head)
    {
        var (parameters, error) = await SelectorParameters.ReadAsync(http);
        if (parameters is { Selectors.Count: 0 })
        {
            error = ApiError.BadData("no match[] parameter provided");
        }

        if (parameters is null || error is not null)
        {
            await ApiAnswer.Error(http, error!);
            return;
        }

        var found = new HashSet<Labels>();
        foreach (var selector in parameters.Selectors)
        {
            found.UnionWith(head.Series(selector, parameters.StartMs, parameters.EndMs));
        }

        var (items, warnings) = parameters.Cut(found.Order(LabelsOrder.Instance).ToList());
        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartArray();
            foreach (var labels in items)
            {
                json.WriteLabels(labels);
            }

            json.WriteEndArray();
        }, warnings);
    }

    private static Task Names(HttpContext http, HeadQuery head)
    {
        return Texts(http, (matchers, startMs, endMs) => head.LabelNames(matchers, startMs, endMs));
    }

    private static Task Values(HttpContext http, HeadQuery head)
    {
        var name = EscapedName.Decode((string)http.Request.RouteValues["name"]!);
        return Texts(http, (matchers, startMs, endMs) => head.LabelValues(name, matchers, startMs, endMs));
    }

    private static async Task Texts(HttpContext http, Func<IReadOnlyList<LabelMatcher>, long, long, IReadOnlyList<string>> read)
    {
        var (parameters, error) = await SelectorParameters.ReadAsync(http);
        if (parameters is null)
        {
            await ApiAnswer.Error(http, error!);
            return;
        }

        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var selector in parameters.Selectors.Count > 0 ? parameters.Selectors : [[]])
        {
            found.UnionWith(read(selector, parameters.StartMs, parameters.EndMs));
        }

        var (items, warnings) = parameters.Cut<string>([.. found]);
        await ApiAnswer.Success(http, json =>
        {
            json.WriteStartArray();
            foreach (var text in items)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }, warnings);
    }
}
