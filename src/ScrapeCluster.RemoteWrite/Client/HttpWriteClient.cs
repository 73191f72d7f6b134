using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;

namespace ScrapeCluster.RemoteWrite.Client;

/// <summary>POSTs requests of remote write 1.0 to one URL.</summary>
internal sealed class HttpWriteClient : IWriteClient
{
    private const int MaxReasonLength = 1024;

    private readonly RemoteWriteConfig _config;
    private readonly ConfiguredHttpClient _http;
    private readonly Uri _url;
    private readonly string _userAgent;
    private readonly TimeProvider _time;

    private HttpWriteClient(RemoteWriteConfig config, Uri url, ConfiguredHttpClient http, string userAgent, TimeProvider time)
    {
        _config = config;
        _http = http;
        _url = url;
        _userAgent = userAgent;
        _time = time;
    }

    public static bool TryCreate(
        RemoteWriteConfig config, string userAgent, TimeProvider time, [NotNullWhen(true)] out HttpWriteClient? client, [NotNullWhen(false)] out string? fault)
    {
        client = null;
        if (!Uri.TryCreate(config.Url, UriKind.Absolute, out var url))
        {
            fault = $"remote_write url \"{config.PrintableUrl}\" is not an absolute URL: nothing can be sent to it";
            return false;
        }

        client = ConfiguredHttpClient.TryCreate(config.HttpClient, new HttpTransportOptions(), out var http, out fault)
            ? new HttpWriteClient(config, url, http, userAgent, time)
            : null;
        return client is not null;
    }

    public async Task<StoreOutcome> StoreAsync(ReadOnlyMemory<byte> body, int attempt, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(_config.RemoteTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        using var request = Request(body, attempt);
        try
        {
            using var response = await _http.SendAsync(request, linked.Token);
            var result = RetryRules.Classify(response.StatusCode, _config.Queue.RetryOnHttp429);
            if (result == StoreResult.Stored)
            {
                return StoreOutcome.Stored;
            }

            var reason = $"{HttpFaultText.Status(response)}: {await FirstOfBodyAsync(response, linked.Token)}";
            return new StoreOutcome(result, reason, RetryRules.RetryAfter(response.Headers.RetryAfter, _time.GetUtcNow()));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            var reason = HttpFaultText.Describe(failure, _url, timeout.IsCancellationRequested, "Post");
            return new StoreOutcome(StoreResult.Recoverable, reason, null);
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(ReadOnlyMemory<byte> body, int attempt)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        var request = new HttpRequestMessage(HttpMethod.Post, _url)
        {
            Content = content,
            Version = _config.HttpClient.EnableHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("X-Prometheus-Remote-Write-Version", "0.1.0");
        request.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        foreach (var header in _config.Headers)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        if (attempt > 0)
        {
            request.Headers.TryAddWithoutValidation("Retry-Attempt", attempt.ToString(CultureInfo.InvariantCulture));
        }

        return request;
    }

    private static async Task<string> FirstOfBodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[MaxReasonLength];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }
}
