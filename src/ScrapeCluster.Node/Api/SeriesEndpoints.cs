using System.Text.Json;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Node.Reads;

namespace ScrapeCluster.Node.Api;

/// <summary><c>/api/v1/series</c>, <c>/api/v1/labels</c>, <c>/api/v1/label/NAME/values</c>: the union of all nodes, limits applied to it.</summary>
internal static class SeriesEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, Fanout fanout)
    {
        routes.MapMethods("/api/v1/series", ["GET", "POST"], http => Series(http, fanout));
        routes.MapMethods("/api/v1/labels", ["GET", "POST"], http => Texts(http, fanout, Questions.LabelNames, ""));
        routes.MapGet("/api/v1/label/{name}/values", http =>
            Texts(http, fanout, Questions.LabelValues, EscapedName.Decode((string)http.Request.RouteValues["name"]!)));
    }

    private static async Task Series(HttpContext http, Fanout fanout)
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

        var answer = await fanout.AskAllAsync(Questions.Series, parameters.ToAsked(), http.RequestAborted);
        await Write(http, parameters, SeriesQuestion.Merge(answer.Parts), static (json, labels) => json.WriteLabels(labels), answer.Warnings);
    }

    private static async Task Texts(HttpContext http, Fanout fanout, Question<SelectorsAsked, IReadOnlyList<string>> question, string label)
    {
        var (parameters, error) = await SelectorParameters.ReadAsync(http);
        if (parameters is null)
        {
            await ApiAnswer.Error(http, error!);
            return;
        }

        var answer = await fanout.AskAllAsync(question, parameters.ToAsked(label), http.RequestAborted);
        await Write(http, parameters, TextsQuestion.Merge(answer.Parts), static (json, text) => json.WriteStringValue(text), answer.Warnings);
    }

    private static Task Write<T>(
        HttpContext http, SelectorParameters parameters, IReadOnlyList<T> merged, Action<Utf8JsonWriter, T> write, IReadOnlyList<string>? missing)
    {
        var (items, truncated) = parameters.Cut(merged);
        return ApiAnswer.Success(http, json =>
        {
            json.WriteStartArray();
            foreach (var item in items)
            {
                write(json, item);
            }

            json.WriteEndArray();
        }, MissingText.Join(truncated, missing));
    }
}
