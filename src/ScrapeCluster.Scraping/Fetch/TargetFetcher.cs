using System.Net;
using ScrapeCluster.Configuration.Http;

namespace ScrapeCluster.Scraping;

/// <summary>
/// One exchange after another with one target: request prepared once, headers first, then the body straight into a rented buffer. One token
/// covers everything from the connection to the last byte.
/// </summary>
internal sealed class TargetFetcher(
    ConfiguredHttpClient client, HttpRequestMessage request, TimeSpan timeout, BodyLimit limit, BodyReader reader, BodyBufferPool buffers) : ITargetFetcher
{
    private CancellationTokenSource _timeout = new();

    public async Task<FetchResult> FetchAsync(int expectedBytes, CancellationToken shutdown)
    {
        if (!_timeout.TryReset())
        {
            _timeout.Dispose();
            _timeout = new CancellationTokenSource();
        }

        _timeout.CancelAfter(timeout);
        using var stop = shutdown.CanBeCanceled ? shutdown.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _timeout) : default;
        try
        {
            return await ExchangeAsync(expectedBytes, _timeout.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException or InvalidDataException or NotSupportedException or UriFormatException)
        {
            return FetchResult.Failed(HttpFaultText.Describe(e, request.RequestUri!, timedOut: _timeout.IsCancellationRequested && !shutdown.IsCancellationRequested));
        }
        finally
        {
            _timeout.CancelAfter(Timeout.Infinite);
        }
    }

    private async Task<FetchResult> ExchangeAsync(int expectedBytes, CancellationToken cancellationToken)
    {
        using var response = await client.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return FetchResult.Failed(HttpFaultText.Status(response));
        }

        var isPacked = IsGzip(response);
        var expected = response.Content.Headers.ContentLength is { } announced and >= 0 && announced < limit.Bytes ? (int)announced : expectedBytes;
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = await reader.ReadAsync(stream, expected, isPacked ? PackedLimit(limit.Bytes) : limit.Bytes, cancellationToken);
        if (!body.IsTooLarge && isPacked)
        {
            body = reader.Gunzip(body, expectedBytes, limit.Bytes);
        }

        if (body.IsTooLarge)
        {
            return FetchResult.Failed(limit.Fault, bodyLimitExceeded: true);
        }

        if (body.Length == 0)
        {
            buffers.Return(body.Buffer!);
            return new FetchResult(null, 0, ContentType(response), null);
        }

        return new FetchResult(body.Buffer, body.Length, ContentType(response), null);
    }

    /// <summary>The limit is on unpacked bytes, and packing may make a small page a little larger.</summary>
    private static long PackedLimit(long limitBytes) => limitBytes + (limitBytes / 100) + 1024;

    private static bool IsGzip(HttpResponseMessage response)
    {
        return response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values) && values.Count == 1 && values.ToString() == "gzip";
    }

    private static string? ContentType(HttpResponseMessage response)
    {
        return response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) && values.Count > 0 ? First(values) : null;

        static string First(System.Net.Http.Headers.HeaderStringValues values)
        {
            foreach (var value in values)
            {
                return value;
            }

            return "";
        }
    }
}
