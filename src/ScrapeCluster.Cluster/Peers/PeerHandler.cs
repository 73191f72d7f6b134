using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>
/// Answers other nodes: bytes in, bytes out. The listener calls <see cref="Refuse"/> with what stands before the body, and only then reads the body for
/// <see cref="AnswerAsync"/>, so that a stranger costs one hash.
/// </summary>
public sealed partial class PeerHandler(PeerTerms terms, PeerRoutes routes, TimeProvider time, MetricsRegistry metrics, ILogger<PeerHandler> log)
{
    private readonly PeerGate _gate = new(terms, time);
    private readonly PeerMetrics _metrics = new(metrics);
    private readonly RefusalWindow _window = new(time);

    public PeerTerms Terms => terms;

    public string Node => terms.Node;

    /// <summary>Null: admitted, the body may be read.</summary>
    /// <param name="caller">Network address, for the log.</param>
    public PeerReply? Refuse(PeerHead head, string proof, long? contentLength, string caller)
    {
        if (_gate.Check(head, proof) is { } refusal)
        {
            Tell(refusal, head, caller);
            return Refused(head, refusal);
        }

        if (routes.Find(head.Method) is null)
        {
            return Refused(head, new PeerRefusal(404, "method", $"node {terms.Node} has no answer to {head.Method} (an older version, or it is still starting)"));
        }

        return contentLength > terms.MaxMessageBytes ? TooLarge(head) : null;
    }

    /// <param name="body">Null: it turned out to be too large.</param>
    public async Task<PeerReply> AnswerAsync(PeerHead head, byte[]? body, CancellationToken cancellation)
    {
        if (body is null)
        {
            return TooLarge(head);
        }

        // The gate vouched for this hash, not yet for the body.
        if (PeerProof.HashOf(body) != head.BodyHash || routes.Find(head.Method) is not { } route)
        {
            return Refused(head, new PeerRefusal(400, "body", "the body is not the one that the call was made with"));
        }

        try
        {
            if (route.Answers is { } answers)
            {
                return new PeerReply(200, _gate.ProofOfAnswer(head), Messages: ObserveAsync(head, answers(body, cancellation), cancellation));
            }

            var answer = (await route.Answer!(body, cancellation)).ToByteArray();
            if (answer.Length > terms.MaxMessageBytes)
            {
                throw new InvalidDataException($"the answer has {answer.Length} bytes, more than {terms.MaxMessageBytes}");
            }

            Count(head, "ok");
            return new PeerReply(200, _gate.ProofOfAnswer(head), Body: answer);
        }
        catch (InvalidProtocolBufferException e)
        {
            return Refused(head, new PeerRefusal(400, "body", $"the body is no message of {head.Method}: {e.Message}"));
        }
        catch (NotNowException e)
        {
            Count(head, "not_now");
            return new PeerReply(409, _gate.ProofOfAnswer(head), e.Message);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            Failed(head, e);
            return new PeerReply(500, _gate.ProofOfAnswer(head), $"node {terms.Node} failed at {head.Method}: {e.Message}");
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            // The caller gave up, or this node stops: nobody reads the answer.
            Count(head, "cancelled");
            throw;
        }
    }

    /// <summary>The stream as it is, with its end counted and its failure told.</summary>
    private async IAsyncEnumerable<IMessage> ObserveAsync(PeerHead head, IAsyncEnumerable<IMessage> messages, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var outcome = "cancelled";
        await using var each = messages.GetAsyncEnumerator(cancellation);
        try
        {
            while (true)
            {
                try
                {
                    if (!await each.MoveNextAsync())
                    {
                        outcome = "ok";
                        yield break;
                    }
                }
                catch (Exception e) when (!cancellation.IsCancellationRequested)
                {
                    outcome = "failed";
                    log.PeerAnswerFailed(e, head.Method, head.From);
                    throw;
                }

                yield return each.Current;
            }
        }
        finally
        {
            Count(head, outcome);
        }
    }

    private void Tell(PeerRefusal refusal, PeerHead head, string caller)
    {
        if (refusal.Status == 401)
        {
            if (_window.Admits() is { } refused)
            {
                log.PeerProofRefused(caller, terms.Node, refused);
            }
        }
        else
        {
            // Known to each other: the caller says it aloud, here it is only of interest to those who look for it.
            log.PeerMisdirected(caller, head.From, head.Method, refusal.Fault);
        }
    }

    private PeerReply TooLarge(PeerHead head) =>
        Refused(head, new PeerRefusal(413, "size", $"the body of {head.Method} has more than {terms.MaxMessageBytes} bytes"));

    private PeerReply Refused(PeerHead head, PeerRefusal refusal)
    {
        _metrics.Refused.With(refusal.Reason).Inc();
        return new PeerReply(refusal.Status, refusal.Status == 401 ? "" : _gate.ProofOfAnswer(head), refusal.Fault);
    }

    private void Failed(PeerHead head, Exception cause)
    {
        Count(head, "failed");
        log.PeerAnswerFailed(cause, head.Method, head.From);
    }

    private void Count(PeerHead head, string outcome) => _metrics.Answers.With(head.Method, outcome).Inc();
}
