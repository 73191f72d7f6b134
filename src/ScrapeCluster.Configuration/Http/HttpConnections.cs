using System.Net;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// The kept connections of a client. When a certificate file changed, requests move to new connections at once, so that a withdrawn authority or client
/// certificate is not used for as long as targets keep their connections open.
/// </summary>
internal sealed class HttpConnections : IDisposable
{
    private readonly TlsMaterial _tls;
    private readonly ConfiguredProxy? _proxy;
    private readonly HttpTransportOptions _options;
    private readonly PreparedSockets _prepared;
    private readonly AddressTurns? _turns;
    private readonly Lock _replacing = new();
    private volatile Generation _present;
    private Generation? _former;

    public HttpConnections(TlsMaterial tls, ConfiguredProxy? proxy, HttpTransportOptions options)
    {
        _tls = tls;
        _proxy = proxy;
        _options = options;
        _prepared = new PreparedSockets(options.Time);
        _turns = options.RoundRobinDns ? new AddressTurns(options.Resolve) : null;
        _present = Open(tls.Current());
    }

    private sealed record Generation(TlsCertificates Certificates, HttpMessageInvoker Invoker);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Present().SendAsync(request, cancellationToken);

    public Task PrepareAsync(Uri url, CancellationToken cancellationToken) => Dialer().PrepareAsync(url, cancellationToken);

    public void ForgetPrepared() => _prepared.DropOld();

    public void Dispose()
    {
        _prepared.Dispose();
        _present.Invoker.Dispose();
        _former?.Invoker.Dispose();
    }

    private HttpMessageInvoker Present()
    {
        var certificates = _tls.Current();
        return ReferenceEquals(_present.Certificates, certificates) ? _present.Invoker : Replace(certificates);
    }

    private HttpMessageInvoker Replace(TlsCertificates certificates)
    {
        lock (_replacing)
        {
            if (!ReferenceEquals(_present.Certificates, certificates))
            {
                // Exchanges may still run on the present ones; those before them ended long ago.
                _former?.Invoker.Dispose();
                _former = _present;
                _present = Open(certificates);
            }

            return _present.Invoker;
        }
    }

    private Generation Open(TlsCertificates certificates)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = _proxy is not null,
            Proxy = _proxy,
            AutomaticDecompression = DecompressionMethods.None,
            PooledConnectionIdleTimeout = _options.IdleTimeout,
            PooledConnectionLifetime = _options.ConnectionLifetime,
            MaxConnectionsPerServer = 1000,
            ConnectTimeout = TimeSpan.FromSeconds(30),
            // Go's: a connection on which nothing came for a minute is asked whether it lives.
            KeepAlivePingDelay = TimeSpan.FromMinutes(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            // Without a propagator nothing of tracing runs per request.
            ActivityHeadersPropagator = null,
            SslOptions = TlsHandshake.OptionsOfHandler(_tls),
            ConnectCallback = Dialer().ConnectAsync,
        };
        return new Generation(certificates, new HttpMessageInvoker(handler, disposeHandler: true));
    }

    private Dialer Dialer() => new(_tls, _proxy, _options.UnixSocket, _prepared, _turns);
}
