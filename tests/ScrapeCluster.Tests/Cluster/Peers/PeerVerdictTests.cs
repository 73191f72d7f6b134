using System.Net;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Peers;

namespace ScrapeCluster.Tests.Cluster.Peers;

/// <summary>What a caller makes of those who took over a peer's address.</summary>
public sealed class PeerVerdictTests
{
    private static readonly PeerProof Proof = new(new ClusterSecret("a secret of some length"));
    private static readonly PeerHead Head = new("ring", "c", "a", "b", "n1", "", "00");

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Check_StrangerAnswers_IsNotBelieved(int status)
    {
        using var answer = Answer(status, "b", "0000");

        var fault = await Assert.ThrowsAsync<PeerVerdictException>(() => PeerVerdict.CheckAsync(answer, Head, Proof, CancellationToken.None));

        Assert.Equal("secret", fault.Outcome);
    }

    [Fact]
    public async Task Check_AnswerToAnotherCall_IsNotBelieved()
    {
        using var answer = Answer(200, "b", Proof.OfAnswer(Head with { Nonce = "n0" }, "b"));

        await Assert.ThrowsAsync<PeerVerdictException>(() => PeerVerdict.CheckAsync(answer, Head, Proof, CancellationToken.None));
    }

    [Fact]
    public async Task Check_AnotherNodeAnswers_IsNamed()
    {
        using var answer = Answer(200, "d", Proof.OfAnswer(Head, "d"));

        var fault = await Assert.ThrowsAsync<PeerVerdictException>(() => PeerVerdict.CheckAsync(answer, Head, Proof, CancellationToken.None));

        Assert.Equal(("other_node", "node d answered there"), (fault.Outcome, fault.Message));
    }

    [Fact]
    public async Task Check_EndlessFault_IsReadInPart()
    {
        using var answer = Answer(500, "b", Proof.OfAnswer(Head, "b"));
        answer.Content = new StringContent(new string('x', 1_000_000));

        var fault = await Assert.ThrowsAsync<PeerVerdictException>(() => PeerVerdict.CheckAsync(answer, Head, Proof, CancellationToken.None));

        Assert.Equal(4096, fault.Message.Length);
    }

    [Fact]
    public async Task Check_ThatNode_IsBelieved()
    {
        using var answer = Answer(200, "b", Proof.OfAnswer(Head, "b"));

        await PeerVerdict.CheckAsync(answer, Head, Proof, CancellationToken.None);
    }

    private static HttpResponseMessage Answer(int status, string node, string proof)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status);
        answer.Headers.Add(PeerHeaders.Node, node);
        answer.Headers.Add(PeerHeaders.Proof, proof);
        return answer;
    }
}
