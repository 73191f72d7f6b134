using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// A client that speaks as a <see cref="HttpClientConfig"/> says: TLS, proxy, credentials, extra headers, redirects. Shared by scraping,
/// remote write and HTTP discovery. Connections are kept; the answer comes with its headers read and its body unread, so time-outs
/// (one token for the whole exchange) and body limits are the caller's.
/// </summary>
public sealed class ConfiguredHttpClient : IDisposable
{
    // Go's: the tenth answer that leads elsewhere is not followed any more.
    private const int MaxRequests = 10;
    private static readonly HttpRequestOptionsKey<bool> IsPrepared = new("scrapecluster.prepared");

    private readonly HttpConnections _connections;
    private readonly RequestCredentials _credentials;
    private readonly ConfiguredProxy? _proxy;
    private readonly bool _followRedirects;

    private ConfiguredHttpClient(HttpConnections connections, RequestCredentials credentials, ConfiguredProxy? proxy, bool followRedirects)
    {
        _connections = connections;
        _credentials = credentials;
        _proxy = proxy;
        _followRedirects = followRedirects;
    }

    /// <summary>Reads the TLS files at once, so call it where reading a file is allowed. The fault names the setting and the file.</summary>
    public static bool TryCreate(
        HttpClientConfig config, HttpTransportOptions options, [NotNullWhen(true)] out ConfiguredHttpClient? client, [NotNullWhen(false)] out string? fault)
    {
        client = null;
        if (!TlsMaterial.TryLoad(config.Tls, out var tls, out fault)
            || !ConfiguredProxy.TryCreate(config.Proxy, Environment.GetEnvironmentVariable, out var proxy, out fault))
        {
            return false;
        }

        OAuth2Tokens? tokens = null;
        if (config.OAuth2 is { } oauth2 && !OAuth2Tokens.TryCreate(oauth2, options.Time, out tokens, out fault))
        {
            return false;
        }

        client = new ConfiguredHttpClient(new HttpConnections(tls, proxy, options), new RequestCredentials(config, tokens), proxy, config.FollowRedirects);
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

        var response = await ExchangeAsync(request, cancellationToken);
        return _followRedirects && Redirects.IsRedirect(response) ? await FollowAsync(request, response, cancellationToken) : response;
    }

    /// <summary>
    /// Connects ahead to where a request to this URL will go; nothing is sent. The first request within half a minute finds the connection open. Throws as
    /// <see cref="SendAsync"/> does.
    /// </summary>
    public Task PrepareAsync(Uri url, CancellationToken cancellationToken) => _connections.PrepareAsync(url, cancellationToken);

    /// <summary>Closes connections that were prepared too long ago.</summary>
    public void ForgetPrepared() => _connections.ForgetPrepared();

    public void Dispose()
    {
        _connections.Dispose();
        _credentials.Dispose();
    }

    private Task<HttpResponseMessage> ExchangeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (_proxy is not null && request.RequestUri!.Scheme == Uri.UriSchemeHttp && _proxy.For(request.RequestUri) is { SpeaksHttp: true, Authorization: { } authorization })
        {
            request.Headers.Remove(Redirects.ProxyAuthorization);
            request.Headers.TryAddWithoutValidation(Redirects.ProxyAuthorization, authorization);
        }

        return _connections.SendAsync(request, cancellationToken);
    }

    private async ValueTask<HttpResponseMessage> FollowAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        for (var sent = 1; Redirects.IsRedirect(response); sent++)
        {
            using var answered = response;
            if (sent == MaxRequests)
            {
                throw new HttpRequestException($"stopped after {MaxRequests} redirects");
            }

            request = Redirects.Next(request, response, _credentials);
            response = await ExchangeAsync(request, cancellationToken);
        }

        return response;
    }
}
