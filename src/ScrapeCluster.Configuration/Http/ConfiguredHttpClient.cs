using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// A client that speaks as a <see cref="HttpClientConfig"/> says: TLS, proxy, credentials, extra headers, redirects. Shared by scraping,
/// remote write and HTTP discovery. Connections are kept; the answer comes with its headers read and its body unread, so time-outs
/// (one token for the whole exchange) and body limits are the caller's.
/// </summary>
public sealed class ConfiguredHttpClient : IDisposable
{
    private const int MaxRedirects = 10;
    private static readonly HttpRequestOptionsKey<bool> IsPrepared = new("scrapecluster.prepared");

    private readonly HttpMessageInvoker _invoker;
    private readonly RequestCredentials _credentials;
    private readonly bool _followRedirects;

    private ConfiguredHttpClient(HttpMessageInvoker invoker, RequestCredentials credentials, bool followRedirects)
    {
        _invoker = invoker;
        _credentials = credentials;
        _followRedirects = followRedirects;
    }

    /// <summary>Reads the TLS files at once, so call it where reading a file is allowed. The fault names the setting and the file.</summary>
    public static bool TryCreate(
        HttpClientConfig config, HttpTransportOptions options, [NotNullWhen(true)] out ConfiguredHttpClient? client, [NotNullWhen(false)] out string? fault)
    {
        client = null;
        if (config.OAuth2 is not null)
        {
            fault = "oauth2 is not supported by this version: use authorization or basic_auth";
            return false;
        }

        if (!TlsMaterial.TryLoad(config.Tls, out var tls, out fault) || !ConfiguredProxy.TryCreate(config.Proxy, out var proxy, out fault))
        {
            return false;
        }

        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = proxy is not null,
            Proxy = proxy,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionIdleTimeout = options.IdleTimeout,
            PooledConnectionLifetime = options.ConnectionLifetime,
            MaxConnectionsPerServer = 1000,
            // Without a propagator nothing of tracing runs per request.
            ActivityHeadersPropagator = null,
            SslOptions = tls.ToOptions(),
            ConnectCallback = UnixSocketDialer.For(options.UnixSocket),
        };
        client = new ConfiguredHttpClient(new HttpMessageInvoker(handler, disposeHandler: true), new RequestCredentials(config), config.FollowRedirects);
        return true;
    }

    /// <summary>
    /// Sends a request; the same request object may be sent again after its answer was disposed. Throws what <see cref="HttpFaultText"/> puts into words.
    /// </summary>
    public async ValueTask<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!_credentials.AreConstant || !request.Options.TryGetValue(IsPrepared, out _))
        {
            await _credentials.ApplyAsync(request, cancellationToken);
            request.Options.Set(IsPrepared, true);
        }

        var response = await _invoker.SendAsync(request, cancellationToken);
        return _followRedirects && Redirects.IsRedirect(response) ? await FollowAsync(request, response, cancellationToken) : response;
    }

    public void Dispose() => _invoker.Dispose();

    private async ValueTask<HttpResponseMessage> FollowAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        for (var hop = 1; Redirects.IsRedirect(response); hop++)
        {
            using var answered = response;
            if (hop > MaxRedirects)
            {
                throw new HttpRequestException($"stopped after {MaxRedirects} redirects");
            }

            request = Redirects.Next(request, response, _credentials);
            response = await _invoker.SendAsync(request, cancellationToken);
        }

        return response;
    }
}
