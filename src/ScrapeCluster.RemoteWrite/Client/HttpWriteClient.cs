using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;
using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite.Client;

/// <summary>POSTs requests to one URL, with the headers of their version of remote write.</summary>
internal sealed class HttpWriteClient : IWriteClient
{
    private const int MaxReasonLength = 1024;

    private const string ContentTypeV1 = "application/x-protobuf";
    private const string ContentTypeV2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

    /// <summary>Of a connection whose address is one of several: all get their share though one connection would do.</summary>
    private static readonly TimeSpan TurnLength = TimeSpan.FromMinutes(1);

    private readonly RemoteWriteConfig _config;
    private readonly ConfiguredHttpClient _http;
    private readonly Uri _url;
    private readonly string _userAgent;
    private readonly TimeProvider _time;

    private HttpWriteClient(RemoteWriteConfig config, WireFormat format, Uri url, ConfiguredHttpClient http, string userAgent, TimeProvider time)
    {
        Format = format;
        _config = config;
        _http = http;
        _url = url;
        _userAgent = userAgent;
        _time = time;
    }

    public WireFormat Format { get; }

    public static bool TryCreate(
        RemoteWriteConfig config,
        WireFormat format,
        string userAgent,
        TimeProvider time,
        [NotNullWhen(true)] out HttpWriteClient? client,
        [NotNullWhen(false)] out string? fault)
    {
        client = null;
        if (!Uri.TryCreate(config.Url, UriKind.Absolute, out var url))
        {
            fault = $"remote_write url \"{config.PrintableUrl}\" is not an absolute URL: nothing can be sent to it";
            return false;
        }

        var transport = new HttpTransportOptions { Time = time, RoundRobinDns = config.RoundRobinDns };
        transport = config.RoundRobinDns ? transport with { ConnectionLifetime = TurnLength } : transport;
        client = ConfiguredHttpClient.TryCreate(config.HttpClient, transport, out var http, out fault)
            ? new HttpWriteClient(config, format, url, http, userAgent, time)
            : null;
        return client is not null;
    }

    public async Task<StoreOutcome> StoreAsync(EncodedRequest encoded, int attempt, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(_config.RemoteTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        using var request = Request(encoded, attempt);
        try
        {
            using var response = await _http.SendAsync(request, linked.Token);
            var result = RetryRules.Classify(response.StatusCode, _config.Queue.RetryOnHttp429);
            if (response.RequestMessage is { } answered && answered.Method != HttpMethod.Post)
            {
                // As Go's client, and by RFC 9110 (15.4): then nothing was written, whatever the page there says.
                return new StoreOutcome(StoreResult.Refused, "the receiver redirected the request by a status that makes a GET of a POST (301, 302 or 303): give url the place that it leads to", null);
            }

            if (result == StoreResult.Stored)
            {
                return encoded.Message == RemoteWriteMessage.V1 ? StoreOutcome.Stored : Confirmed(encoded, WrittenCounts.Read(response.Headers));
            }

            var reason = $"{HttpFaultText.Status(response)}: {await FirstOfBodyAsync(response, linked.Token)}";
            if (response.StatusCode == HttpStatusCode.UnsupportedMediaType)
            {
                return Unsupported(encoded, reason);
            }

            int? written = encoded.Message == RemoteWriteMessage.V2 ? WrittenCounts.Read(response.Headers).Samples : null;
            return new StoreOutcome(result, reason, RetryRules.RetryAfter(response.Headers.RetryAfter, _time.GetUtcNow()), written) { Status = (int)response.StatusCode };
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            var reason = HttpFaultText.Describe(failure, _url, timeout.IsCancellationRequested, "Post");
            return new StoreOutcome(StoreResult.Recoverable, reason, null);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>
    /// A receiver of 1.0 that does not look at the content type finds nothing in a 2.0 request and is content, so success is what a receiver of 2.0
    /// says it wrote (Remote-Write 2.0, "Required Written Response Headers").
    /// </summary>
    private StoreOutcome Confirmed(EncodedRequest encoded, WrittenCounts written)
    {
        if (!written.AreStated)
        {
            return Unsupported(encoded, "the receiver answered a remote write 2.0 request with success and without the headers that tell what was written, as a receiver of 1.0 does");
        }

        if (encoded.Samples > 0 && written.IsNothing)
        {
            return new StoreOutcome(StoreResult.Refused, $"the receiver answered with success, but says that it wrote none of {encoded.Samples} samples", null, 0);
        }

        return new StoreOutcome(StoreResult.Stored, written.Samples < encoded.Samples ? $"the receiver says that it wrote {written.Samples} of {encoded.Samples} samples" : "", null, written.Samples);
    }

    private StoreOutcome Unsupported(EncodedRequest encoded, string reason) => Format.TryFallBack(encoded.Message)
        ? new StoreOutcome(StoreResult.Recoverable, $"{reason}; it is sent remote write 1.0 from now on", null)
        : new StoreOutcome(StoreResult.Refused, encoded.Message == RemoteWriteMessage.V2 ? $"{reason} (protobuf_message prometheus.WriteRequest, or scrapecluster.remote-write.fall-back-to-v1, sends 1.0)" : reason, null);

    private HttpRequestMessage Request(EncodedRequest encoded, int attempt)
    {
        var isV1 = encoded.Message == RemoteWriteMessage.V1;
        var content = new ReadOnlyMemoryContent(encoded.Body);
        content.Headers.TryAddWithoutValidation("Content-Type", isV1 ? ContentTypeV1 : ContentTypeV2);
        content.Headers.ContentEncoding.Add("snappy");
        var request = new HttpRequestMessage(HttpMethod.Post, _url)
        {
            Content = content,
            Version = _config.HttpClient.EnableHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("X-Prometheus-Remote-Write-Version", isV1 ? "0.1.0" : "2.0.0");
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
