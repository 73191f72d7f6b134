using System.Globalization;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>Why a call is not answered.</summary>
/// <param name="Reason">Short and of few kinds, for metrics.</param>
/// <param name="Fault">Told to the caller; empty for one who has not shown that it knows the secret.</param>
internal readonly record struct PeerRefusal(int Status, string Reason, string Fault);

/// <summary>Whom this node answers: knows the secret, means this node of this cluster, and did not say the same before.</summary>
internal sealed class PeerGate(PeerTerms terms, TimeProvider time)
{
    /// <summary>Wide, since a node may only just have learnt the cluster's time.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    private const int NoncesKept = 200_000;
    private const int LongestNonce = 64;

    private readonly PeerProof _proof = new(terms.Secret);

    // A call may be early by the tolerance and late by it: so long it could pass the check of its time.
    private readonly NonceMemory _heard = new(Tolerance * 2, NoncesKept, time);

    public PeerRefusal? Check(PeerHead head, string proof)
    {
        if (head.Nonce.Length is 0 or > LongestNonce || !_proof.Holds(head, proof))
        {
            return new PeerRefusal(401, "secret", "");
        }

        if (head.Cluster != terms.Cluster || head.To != terms.Node)
        {
            return new PeerRefusal(421, "other_node", $"this is node {terms.Node} of cluster {terms.Cluster}, the call is for node {head.To} of cluster {head.Cluster}");
        }

        if (AgeFault(head.SentAtMs) is { } fault)
        {
            return new PeerRefusal(409, "time", fault);
        }

        return _heard.TryAdd(head.Nonce) ? null : new PeerRefusal(409, "replay", $"node {terms.Node} has heard this very call before");
    }

    public string ProofOfAnswer(PeerHead head) => _proof.OfAnswer(head, terms.Node);

    private string? AgeFault(string sentAtMs)
    {
        if (terms.ClusterNow() is not { } now || !long.TryParse(sentAtMs, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var sentMs))
        {
            return null;
        }

        // As numbers: a time far out of range is no date.
        var nowMs = now.ToUnixTimeMilliseconds();
        return Math.Abs((double)sentMs - nowMs) <= Tolerance.TotalMilliseconds
            ? null
            : $"the call was sent at {sentMs} ms of cluster time, node {terms.Node} has {nowMs} ms: more than {Tolerance.TotalSeconds:0} s apart";
    }
}
