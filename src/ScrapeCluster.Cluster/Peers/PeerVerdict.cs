using System.Text;

namespace ScrapeCluster.Cluster.Peers;

/// <summary>Somebody answered, and it is not the answer that was asked for.</summary>
internal sealed class PeerVerdictException(string outcome, string message) : Exception(message)
{
    public string Outcome { get; } = outcome;
}

/// <summary>Judges an answer by all that stands before its body.</summary>
internal static class PeerVerdict
{
    private const int LongestFaultBytes = 4096;

    public static async Task CheckAsync(HttpResponseMessage response, PeerHead head, PeerProof proof, CancellationToken cancellation)
    {
        if ((int)response.StatusCode == 401)
        {
            throw new PeerVerdictException("secret", "it refuses this node's proof: scrapecluster.cluster.secret differs between the two");
        }

        var node = Uri.UnescapeDataString(Header(response, PeerHeaders.Node));
        if (!proof.AnswerHolds(head, node, Header(response, PeerHeaders.Proof)))
        {
            throw new PeerVerdictException("secret", $"whoever answered there ({(int)response.StatusCode}) does not know this cluster's secret");
        }

        if (!response.IsSuccessStatusCode)
        {
            var outcome = (int)response.StatusCode == 421 ? "other_node" : "failed";
            throw new PeerVerdictException(outcome, await FaultAsync(response, cancellation));
        }

        if (node != head.To)
        {
            throw new PeerVerdictException("other_node", $"node {node} answered there");
        }
    }

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Concat(values) : "";

    private static async Task<string> FaultAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        await using var content = await response.Content.ReadAsStreamAsync(cancellation);
        var text = new byte[LongestFaultBytes];
        var length = await content.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellation);
        return length > 0 ? Encoding.UTF8.GetString(text, 0, length) : $"it answered {(int)response.StatusCode}";
    }
}
