using System.Net;

namespace ScrapeCluster.Configuration.Http;

/// <summary>Which answers lead elsewhere, and the request that goes there (behaviour of Go's net/http client).</summary>
internal static class Redirects
{
    public const string ProxyAuthorization = "Proxy-Authorization";

    public static bool IsRedirect(HttpResponseMessage response)
    {
        return response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
            && response.Headers.Location is not null;
    }

    public static HttpRequestMessage Next(HttpRequestMessage request, HttpResponseMessage response, RequestCredentials credentials)
    {
        var target = new Uri(request.RequestUri!, response.Headers.Location!);
        var keepsMethod = response.StatusCode is HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect || request.Method == HttpMethod.Head;
        var next = new HttpRequestMessage(keepsMethod ? request.Method : HttpMethod.Get, target)
        {
            Version = request.Version,
            VersionPolicy = request.VersionPolicy,
            Content = keepsMethod ? request.Content : null,
        };
        var crossesHosts = !string.Equals(target.Host, request.RequestUri!.Host, StringComparison.OrdinalIgnoreCase);
        foreach (var header in request.Headers.NonValidated)
        {
            // Credentials are for the configured host alone, those of a proxy for requests that go through it.
            if (!header.Key.Equals(ProxyAuthorization, StringComparison.OrdinalIgnoreCase) && (!crossesHosts || !credentials.IsSensitive(header.Key)))
            {
                next.Headers.TryAddWithoutValidation(header.Key, header.Value);
            }
        }

        return next;
    }
}
