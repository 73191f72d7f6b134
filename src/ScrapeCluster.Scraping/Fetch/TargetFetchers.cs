using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Http;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>The fetchers of a pool, over connections that are kept.</summary>
internal sealed class TargetFetchers(ScrapeConfig config, ConfiguredHttpClient client, string userAgent, long hardBodyLimitBytes, BodyBufferPool buffers) : ITargetFetchers
{
    // A name that does not resolve must not keep the others waiting, and a move not for long.
    private const int PreparedAtOnce = 32;
    private static readonly TimeSpan PrepareDeadline = TimeSpan.FromSeconds(3);

    // One client a socket: connections of different sockets must not be mixed up under one URL.
    private readonly ConcurrentDictionary<string, ConfiguredHttpClient> _socketClients = new(StringComparer.Ordinal);
    private readonly BodyLimit _limit = BodyLimit.Of(config.BodySizeLimit, hardBodyLimitBytes);
    private readonly string _accept = AcceptHeader.For(config.ScrapeProtocols, config.MetricNameEscapingScheme);

    public ITargetFetcher For(ScrapeTarget target)
    {
        if (!Uri.TryCreate(target.Url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var uri))
        {
            return new UnreachableTarget(HttpFaultText.NotAUrl(target.Url));
        }

        var request = new HttpRequestMessage(HttpMethod.Get, uri)
        {
            // HTTP/2 by agreement in the TLS handshake only, as in Go.
            Version = config.HttpClient.EnableHttp2 && uri.Scheme == Uri.UriSchemeHttps ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        Add("Accept", _accept);
        Add("Accept-Encoding", config.EnableCompression ? "gzip" : "identity");
        Add("User-Agent", userAgent);
        Add("X-Prometheus-Scrape-Timeout-Seconds", target.Timeout.TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        return new TargetFetcher(target.UnixSocket is { } socket ? ClientOf(socket) : client, request, target.Timeout, _limit, new BodyReader(buffers), buffers);

        void Add(string name, string value) => request.Headers.TryAddWithoutValidation(name, value);
    }

    public async Task PrepareAsync(IReadOnlyList<ScrapeTarget> targets, CancellationToken shutdown)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(shutdown);
        deadline.CancelAfter(PrepareDeadline);
        var options = new ParallelOptions { MaxDegreeOfParallelism = PreparedAtOnce, CancellationToken = deadline.Token };
        try
        {
            await Parallel.ForEachAsync(targets, options, PrepareAsync);
        }
        catch (OperationCanceledException)
        {
            // What is not open by now opens at its first scrape.
        }
    }

    public void ForgetPrepared()
    {
        client.ForgetPrepared();
        foreach (var (_, socketClient) in _socketClients)
        {
            socketClient.ForgetPrepared();
        }
    }

    public void Dispose()
    {
        client.Dispose();
        foreach (var (_, socketClient) in _socketClients)
        {
            socketClient.Dispose();
        }
    }

    private async ValueTask PrepareAsync(ScrapeTarget target, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(target.Url, UriKind.Absolute, out var url))
        {
            return;
        }

        try
        {
            await (target.UnixSocket is { } socket ? ClientOf(socket) : client).PrepareAsync(url, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or ArgumentException or ObjectDisposedException or InvalidOperationException)
        {
            // Its first scrape will say what is wrong with it.
        }
    }

    private ConfiguredHttpClient ClientOf(string socket)
    {
        return _socketClients.GetOrAdd(socket, path =>
            ConfiguredHttpClient.TryCreate(config.HttpClient, TargetFetcherFactory.Transport(config, path), out var socketClient, out var fault)
                ? socketClient
                : throw new InvalidOperationException(fault));
    }
}

/// <param name="userAgent">Such as <c>ScrapeCluster/0.1.0</c>.</param>
/// <param name="hardBodyLimitBytes">What no page may exceed whatever <c>body_size_limit</c> says: one target cannot fill the node's memory.</param>
internal sealed class TargetFetcherFactory(string userAgent, long hardBodyLimitBytes, BodyBufferPool buffers) : ITargetFetcherFactory
{
    public bool TryCreate(ScrapeConfig config, [NotNullWhen(true)] out ITargetFetchers? fetchers, [NotNullWhen(false)] out string? fault)
    {
        fetchers = ConfiguredHttpClient.TryCreate(config.HttpClient, Transport(config, unixSocket: null), out var client, out fault)
            ? new TargetFetchers(config, client, userAgent, hardBodyLimitBytes, buffers)
            : null;
        return fetchers is not null;
    }

    internal static HttpTransportOptions Transport(ScrapeConfig config, string? unixSocket)
    {
        return new HttpTransportOptions { IdleTimeout = config.ScrapeInterval * 2 + TimeSpan.FromSeconds(1), UnixSocket = unixSocket };
    }
}
