using System.Text;
using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;

namespace ScrapeCluster.Node.Peers;

/// <summary>Carries one request from Kestrel to <see cref="PeerHandler"/> and its reply back.</summary>
internal sealed class PeerEndpoint(PeerHandler handler, CancellationToken stopping)
{
    public async Task ServeAsync(HttpContext http)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            var head = PeerHeaders.Read(http.Request.Path.Value ?? "", name => http.Request.Headers[name].ToString());
            var caller = $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort}";
            var reply = handler.Refuse(head, http.Request.Headers[PeerHeaders.Proof].ToString(), http.Request.ContentLength, caller);
            if (reply is null)
            {
                var body = await BoundedBody.ReadAsync(http.Request.Body, http.Request.ContentLength, handler.Terms.MaxMessageBytes, over.Token);
                reply = await handler.AnswerAsync(head, body, over.Token);
            }

            await SendAsync(http.Response, reply, over.Token);
        }
        catch (Exception)
        {
            // Told where it happened, or nothing but a caller who went away, or this node that stops. A stream that ended by a fault must not look complete.
            http.Abort();
        }
    }

    private async Task SendAsync(HttpResponse response, PeerReply reply, CancellationToken cancellation)
    {
        response.StatusCode = reply.Status;
        if (reply.Proof.Length > 0)
        {
            response.Headers[PeerHeaders.Node] = Uri.EscapeDataString(handler.Node);
            response.Headers[PeerHeaders.Proof] = reply.Proof;
        }

        if (reply.Messages is { } messages)
        {
            await StreamAsync(response, messages, cancellation);
            return;
        }

        var body = reply.Body ?? Encoding.UTF8.GetBytes(reply.Fault);
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, cancellation);
    }

    /// <summary>The head goes out before the first message, which may be long in coming; each message goes out at once.</summary>
    private static async Task StreamAsync(HttpResponse response, IAsyncEnumerable<IMessage> messages, CancellationToken cancellation)
    {
        await response.StartAsync(cancellation);
        await response.BodyWriter.FlushAsync(cancellation);
        await foreach (var message in messages.WithCancellation(cancellation))
        {
            PeerFraming.Write(response.BodyWriter, message);
            await response.BodyWriter.FlushAsync(cancellation);
        }
    }
}
