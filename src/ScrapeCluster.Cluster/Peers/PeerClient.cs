using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Google.Protobuf;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>
/// The calling side: one HTTP/2 connection to each peer carries all calls and streams, more only when one is full. A broken connection ends every stream
/// on it at once; nothing is ever sent twice by itself.
/// </summary>
public sealed class PeerClient : IPeers, IDisposable
{
    private const int NonceLengthBytes = 16;

    private readonly PeerTerms _terms;
    private readonly PeerProof _proof;
    private readonly PeerMetrics _metrics;
    private readonly HttpClient _client;

    public PeerClient(PeerTerms terms, MetricsRegistry metrics)
    {
        _terms = terms;
        _proof = new PeerProof(terms.Secret);
        _metrics = new PeerMetrics(metrics);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = terms.ConnectTimeout,
            ConnectCallback = (context, cancellation) => PeerSocket.ConnectAsync(context.DnsEndPoint, terms.DeliveryTimeout, cancellation),
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = terms.PingDelay,
            KeepAlivePingTimeout = terms.PingTimeout,
            // Also between calls: the next call must not be the one that finds the connection dead.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            // A name may come to mean another address; open streams stay where they are.
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
        })
        {
            // Each call has its own.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public async Task<TAnswer> CallAsync<TAnswer>(
        PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, TimeSpan timeout, CancellationToken cancellation)
        where TAnswer : IMessage<TAnswer>
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            using var response = await SendAsync(to, method, request, deadline.Token);
            await using var content = await response.Content.ReadAsStreamAsync(deadline.Token);
            var body = await BoundedBody.ReadAsync(content, response.Content.Headers.ContentLength, _terms.MaxMessageBytes, deadline.Token)
                ?? throw new InvalidDataException($"the answer has more than {_terms.MaxMessageBytes} bytes");
            var answer = parser.ParseFrom(body);
            Count(method, "ok");
            return answer;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            throw Unavailable(e, to, method, timeout);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The caller's own token ended it, whatever the transport made of that.
            throw new OperationCanceledException(e.Message, e, cancellation);
        }
    }

    public async IAsyncEnumerable<TAnswer> StreamAsync<TAnswer>(
        PeerAddress to, string method, IMessage request, MessageParser<TAnswer> parser, [EnumeratorCancellation] CancellationToken cancellation)
        where TAnswer : IMessage<TAnswer>
    {
        using var response = await BeginAsync(to, method, request, cancellation);
        await using var content = await response.Content.ReadAsStreamAsync(cancellation);
        await using var messages = PeerFraming.ReadAsync(content, parser, _terms.MaxMessageBytes, cancellation).GetAsyncEnumerator(cancellation);
        while (await NextAsync(messages, to, method, cancellation))
        {
            yield return messages.Current;
        }
    }

    public async Task<bool> IsListeningAsync(PeerAddress to, TimeSpan timeout, CancellationToken cancellation)
    {
        if (!Uri.TryCreate($"http://{to.Address}", UriKind.Absolute, out var uri))
        {
            return true;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(uri.IdnHost, uri.Port, deadline.Token);

            // On the machine itself, a free port of the ephemeral range can be connected with itself: nobody listens there.
            return !Equals(socket.LocalEndPoint, socket.RemoteEndPoint);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            return !IsRefusal(e);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> BeginAsync(PeerAddress to, string method, IMessage request, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_terms.StreamStartTimeout);
        try
        {
            return await SendAsync(to, method, request, deadline.Token);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            throw Unavailable(e, to, method, _terms.StreamStartTimeout);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancellation);
        }
    }

    /// <summary>The answer up to its body, given by the node that was meant and knows the secret.</summary>
    private async Task<HttpResponseMessage> SendAsync(PeerAddress to, string method, IMessage request, CancellationToken cancellation)
    {
        var body = request.ToByteArray();
        if (body.Length > _terms.MaxMessageBytes)
        {
            throw new InvalidDataException($"the request has {body.Length} bytes, more than {_terms.MaxMessageBytes}");
        }

        var head = new PeerHead(
            method,
            _terms.Cluster,
            _terms.Node,
            to.Node,
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceLengthBytes)),
            _terms.ClusterNow()?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) ?? "",
            PeerProof.HashOf(body));
        using var call = new HttpRequestMessage(HttpMethod.Post, $"http://{to.Address}{PeerHeaders.PathPrefix}{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        PeerHeaders.Write(head, _proof.Of(head), (name, value) => call.Headers.TryAddWithoutValidation(name, value));
        var response = await _client.SendAsync(call, HttpCompletionOption.ResponseHeadersRead, cancellation);
        try
        {
            await PeerVerdict.CheckAsync(response, head, _proof, cancellation);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async ValueTask<bool> NextAsync<TAnswer>(IAsyncEnumerator<TAnswer> messages, PeerAddress to, string method, CancellationToken cancellation)
    {
        try
        {
            if (await messages.MoveNextAsync())
            {
                return true;
            }

            Count(method, "ok");
            return false;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            throw Unavailable(e, to, method, _terms.StreamStartTimeout);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancellation);
        }
    }

    private PeerUnavailableException Unavailable(Exception cause, PeerAddress to, string method, TimeSpan timeout)
    {
        var isRefused = IsRefusal(cause);
        var (outcome, reason) = cause switch
        {
            PeerVerdictException verdict => (verdict.Outcome, verdict.Message),
            OperationCanceledException => ("timeout", $"no answer within {timeout.TotalSeconds:0.###} s"),
            _ when isRefused => ("refused", "nobody listens there"),
            InvalidDataException or InvalidProtocolBufferException => ("bad_answer", cause.Message),
            _ => ("broken", Innermost(cause).Message),
        };
        Count(method, outcome);
        return new PeerUnavailableException($"{method} to node {to.Node} at {to.Address}: {reason}", isRefused, cause);
    }

    private void Count(string method, string outcome) => _metrics.Requests.With(method, outcome).Inc();

    private static bool IsRefusal(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The transport wraps what happened in sentences that say nothing.</summary>
    private static Exception Innermost(Exception cause) => cause.InnerException is { } inner ? Innermost(inner) : cause;
}
