using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;
using ScrapeCluster.Discovery.Files;
using ScrapeCluster.Model;

namespace ScrapeCluster.Discovery.Http;

/// <summary>A list as it was answered, or why there is none.</summary>
internal sealed record TargetList(IReadOnlyList<TargetGroup> Groups, string? Fault = null);

/// <summary>Asks one URL for its list of target groups. Failures are values; <see cref="OperationCanceledException"/> by the caller's token alone.</summary>
internal sealed class TargetListClient(HttpSdConfig config, string userAgent, TimeProvider time) : IDisposable
{
    /// <summary>A list is read into memory as a whole; some 500,000 targets are as long.</summary>
    private const int MaxBodyBytes = 64 * 1024 * 1024;

    private readonly Uri _url = new(config.Url);
    private readonly Lock _guard = new();
    private ConfiguredHttpClient? _client;
    private bool _isDisposed;

    public string SourceOf(int index) => string.Create(CultureInfo.InvariantCulture, $"{config.PrintableUrl}:{index}");

    /// <summary>Takes no longer than the refresh interval, as in Prometheus.</summary>
    public async Task<TargetList> AskAsync(CancellationToken cancellation)
    {
        if (!TryOpen(out var client, out var fault))
        {
            return new TargetList([], fault);
        }

        using var timeout = new CancellationTokenSource(config.RefreshInterval, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        try
        {
            using var request = Request();
            using var response = await client!.SendAsync(request, linked.Token);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return new TargetList([], HttpFaultText.Status(response));
            }

            if (!IsJson(response.Content.Headers.ContentType))
            {
                return new TargetList([], $"unsupported content type \"{response.Content.Headers.ContentType}\": a list of targets is application/json");
            }

            await response.Content.LoadIntoBufferAsync(MaxBodyBytes, linked.Token);
            return Parse(await response.Content.ReadAsByteArrayAsync(linked.Token));
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            cancellation.ThrowIfCancellationRequested();
            return new TargetList([], HttpFaultText.Describe(failure, _url, timeout.IsCancellationRequested));
        }
    }

    public void Dispose()
    {
        lock (_guard)
        {
            _isDisposed = true;
            _client?.Dispose();
        }
    }

    /// <summary>Its files (certificates) may not be there yet: it is tried again at the next refresh.</summary>
    private bool TryOpen(out ConfiguredHttpClient? client, out string? fault)
    {
        lock (_guard)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            fault = null;
            if (_client is null && !ConfiguredHttpClient.TryCreate(config.HttpClient, new HttpTransportOptions { IdleTimeout = 2 * config.RefreshInterval, Time = time }, out _client, out fault))
            {
                _client = null;
            }

            client = _client;
            return client is not null;
        }
    }

    private HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _url)
        {
            // HTTP/2 by agreement in the TLS handshake only, as in Go.
            Version = config.HttpClient.EnableHttp2 && _url.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("X-Prometheus-Refresh-Interval-Seconds", config.RefreshInterval.TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        return request;
    }

    private TargetList Parse(byte[] body)
    {
        var written = TargetGroupJson.Parse(body, out var fault);
        return fault is null ? new TargetList([.. written.Select(GroupOf)]) : new TargetList([], fault);
    }

    private TargetGroup GroupOf(WrittenGroup written, int index)
    {
        var labels = new LabelsBuilder();
        foreach (var (name, value) in written.Labels)
        {
            labels.Set(name, value);
        }

        // Shown in the API and on the page: without what is secret in it.
        labels.Set("__meta_url", config.PrintableUrl);
        return new TargetGroup(SourceOf(index), [.. written.Targets.Select(static address => Labels.Of(("__address__", address)))], labels.ToLabels());
    }

    private static bool IsJson(MediaTypeHeaderValue? type) =>
        "application/json".Equals(type?.MediaType, StringComparison.OrdinalIgnoreCase)
        && (type.CharSet is null || "utf-8".Equals(type.CharSet.Trim('"'), StringComparison.OrdinalIgnoreCase));
}
