using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.IntegrationTests.Peers;

public sealed class PeerCallTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_IsAnsweredByThatNode()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = (await PeerNode.StartAsync("b")).WithRing();

        var answer = await a.RingAsync(b.Address);

        Assert.Equal(7, answer.Epoch);
        Assert.Contains("scrapecluster_peer_requests_total{method=\"ring\",outcome=\"ok\"} 1", Metrics(a), StringComparison.Ordinal);
        Assert.Contains("scrapecluster_peer_answers_total{method=\"ring\",outcome=\"ok\"} 1", Metrics(b), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_NamesWithAnyCharacter_AreProvedAlike()
    {
        await using var a = await PeerNode.StartAsync("knoten ä\n1", terms => terms with { Cluster = "größe/1" });
        await using var b = (await PeerNode.StartAsync("b%0A", terms => terms with { Cluster = "größe/1" })).WithRing();

        Assert.Equal(7, (await a.RingAsync(b.Address)).Epoch);
    }

    [Fact]
    public async Task Call_WrongSecret_IsRefusedWithoutAWord_AndToldOnceInTheLog()
    {
        await using var stranger = await PeerNode.StartAsync("a", terms => terms with { Secret = new ClusterSecret("another secret of some length") });
        await using var b = await PeerNode.StartAsync("b");
        var heard = false;
        b.Routes.Answer(PeerMethods.Ring, RingRequest.Parser, (ring, _) =>
        {
            heard = true;
            return Task.FromResult<IMessage>(ring);
        });

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => stranger.RingAsync(b.Address));
        await Assert.ThrowsAsync<PeerUnavailableException>(() => stranger.RingAsync(b.Address));

        Assert.Contains("scrapecluster.cluster.secret", fault.Message, StringComparison.Ordinal);
        Assert.False(fault.IsRefused);
        Assert.False(heard);
        var line = Assert.Single(b.Log);
        Assert.Contains("127.0.0.1:", line, StringComparison.Ordinal);
        Assert.Contains("scrapecluster.cluster.secret", line, StringComparison.Ordinal);
        Assert.Contains("scrapecluster_peer_refused_total{reason=\"secret\"} 2", Metrics(b), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WithoutProof_LearnsNothing()
    {
        await using var b = (await PeerNode.StartAsync("b")).WithRing();
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };

        using var answer = await client.PostAsync($"http://{b.Address.Address}/peer/v1/ring", new ByteArrayContent(new byte[1_000_000]), Cancellation);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("scrapecluster", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Call_BodyOtherThanProved_OrNoMessage_OrHeardBefore_IsNotAnswered()
    {
        await using var b = (await PeerNode.StartAsync("b")).WithRing();
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var proved = new RingRequest { Epoch = 6 }.ToByteArray();

        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("n1", proved, new RingRequest { Epoch = 7 }.ToByteArray()));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("n2", [0xff], [0xff]));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("n3", proved, proved));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("n3", proved, proved));
        Assert.Empty(b.Log);

        async Task<HttpStatusCode> PostAsync(string nonce, byte[] told, byte[] body)
        {
            var head = new PeerHead(PeerMethods.Ring, "test", "a", "b", nonce, "", PeerProof.HashOf(told));
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{b.Address.Address}/peer/v1/ring")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(body),
            };
            PeerHeaders.Write(head, new PeerProof(new ClusterSecret(PeerNode.Secret)).Of(head), request.Headers.Add);
            using var answer = await client.SendAsync(request, Cancellation);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Call_OverHttp1_IsNotServed()
    {
        await using var b = (await PeerNode.StartAsync("b")).WithRing();
        using var client = new HttpClient();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync($"http://{b.Address.Address}/peer/v1/ring", Cancellation));
    }

    [Fact]
    public async Task Call_MeantForAnotherNode_SaysWhoIsThere()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = (await PeerNode.StartAsync("b")).WithRing();

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(b.Address with { Node = "c" }));

        Assert.Contains("this is node b of cluster test, the call is for node c of cluster test", fault.Message, StringComparison.Ordinal);
        Assert.False(fault.IsRefused);
        Assert.Contains("scrapecluster_peer_requests_total{method=\"ring\",outcome=\"other_node\"} 1", Metrics(a), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_OfAnotherCluster_SaysWhichOneIsThere()
    {
        await using var a = await PeerNode.StartAsync("a", terms => terms with { Cluster = "other" });
        await using var b = (await PeerNode.StartAsync("b")).WithRing();

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(b.Address));

        Assert.Contains("this is node b of cluster test, the call is for node b of cluster other", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_MethodThatNobodyAnswers_SaysSo()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(b.Address));

        Assert.Contains("node b has no answer to ring", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_SentLongAgoByClusterTime_IsRefused()
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(50);
        await using var a = await PeerNode.StartAsync("a", terms => terms with { ClusterNow = () => now - TimeSpan.FromMinutes(3) });
        await using var b = (await PeerNode.StartAsync("b", terms => terms with { ClusterNow = () => now })).WithRing();

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(b.Address));

        Assert.Contains("more than 120 s apart", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_RequestTooLarge_IsRefusedThere()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = (await PeerNode.StartAsync("b", terms => terms with { MaxMessageBytes = 1000 })).WithRing();

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(
            () => a.Client.CallAsync(b.Address, PeerMethods.Ring, Filled(2000), RingRequest.Parser, Patience, Cancellation));

        Assert.Contains("more than 1000 bytes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_AnswerTooLarge_IsNotRead()
    {
        await using var a = await PeerNode.StartAsync("a", terms => terms with { MaxMessageBytes = 1000 });
        await using var b = await PeerNode.StartAsync("b");
        b.Routes.Answer(PeerMethods.Ring, RingRequest.Parser, (_, _) => Task.FromResult<IMessage>(Filled(2000)));

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(b.Address));

        Assert.Contains("more than 1000 bytes", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_LargeBothWays_Arrives()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        b.Routes.Answer(PeerMethods.Bequeath, MemberFrame.Parser, (frame, _) => Task.FromResult<IMessage>(frame));

        var answer = await a.Client.CallAsync(b.Address, PeerMethods.Bequeath, Filled(20_000_000), MemberFrame.Parser, Patience, Cancellation);

        Assert.Equal(20_000_000, answer.Node.Length);
    }

    [Fact]
    public async Task Call_SlowPeer_EndsInTime_ThereToo()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Routes.Answer(PeerMethods.Ring, RingRequest.Parser, async (ring, cancellation) =>
        {
            await using var registration = cancellation.Register(() => given.TrySetResult());
            heard.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellation);
            return ring;
        });

        PeerUnavailableException fault;
        do
        {
            // On a machine that stands still for so long, it may not even come there.
            fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(b.Address, timeoutSeconds: 1));
        }
        while (!heard.Task.IsCompleted);

        Assert.Contains("no answer within 1 s", fault.Message, StringComparison.Ordinal);
        Assert.False(fault.IsRefused);
        await given.Task.WaitAsync(Patience, Cancellation);
        Assert.Empty(b.Log);
    }

    [Fact]
    public async Task Call_CallerGivesUp_IsCancelled()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        using var giveUp = new CancellationTokenSource();
        b.Routes.Answer(PeerMethods.Ring, RingRequest.Parser, async (ring, cancellation) =>
        {
            await giveUp.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellation);
            return ring;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => a.Client.CallAsync(b.Address, PeerMethods.Ring, new RingRequest(), RingRequest.Parser, Patience, giveUp.Token));
    }

    [Fact]
    public async Task Call_AnswerThrows_IsAnErrorThereAndHere()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        b.Routes.Answer(PeerMethods.Ring, RingRequest.Parser, (_, _) => throw new InvalidOperationException("out of slots"));

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(b.Address));

        Assert.Contains("node b failed at ring: out of slots", fault.Message, StringComparison.Ordinal);
        Assert.Equal("Error: Answer to ring of node a failed out of slots", Assert.Single(b.Log));
    }

    [Fact]
    public async Task Call_AnswerIsNotNow_IsSaidHereAndNoErrorThere()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        b.Routes.Answer(PeerMethods.Ring, RingRequest.Parser, (_, _) => throw new NotNowException("row 7 is not known yet"));

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(b.Address));

        Assert.Contains("row 7 is not known yet", fault.Message, StringComparison.Ordinal);
        Assert.False(fault.IsRefused);
        Assert.Empty(b.Log);
    }

    [Fact]
    public async Task Call_NobodyListens_IsRefused()
    {
        await using var a = await PeerNode.StartAsync("a");
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nowhere = new PeerAddress("b", closed.LocalEndPoint!.ToString()!);

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(nowhere));

        Assert.True(fault.IsRefused);
        Assert.False(await a.Client.IsListeningAsync(nowhere, Patience, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no port")]
    [InlineData("name.invalid:1")]
    public async Task Call_AddressLeadsNowhere_IsUnavailableButNotRefused(string address)
    {
        await using var a = await PeerNode.StartAsync("a");
        var to = new PeerAddress("b", address);

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(to));

        Assert.False(fault.IsRefused);
        Assert.True(await a.Client.IsListeningAsync(to, Patience, Cancellation));
    }

    [Fact]
    public async Task IsListening_SilentMachine_MayBeAlive()
    {
        await using var a = await PeerNode.StartAsync("a");
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var to = new PeerAddress("b", full.LocalEndPoint!.ToString()!);
        using var first = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(full.LocalEndPoint, Cancellation);

        // The one place in the backlog is taken: the next connection gets no answer at all.
        Assert.True(await a.Client.IsListeningAsync(to, TimeSpan.FromMilliseconds(300), Cancellation));
    }

    [Fact]
    public async Task Start_PortInUse_NamesTheSetting()
    {
        await using var a = await PeerNode.StartAsync("a");

        var fault = await PeerNode.FaultOfStartAsync("b", a.ListensOn);

        Assert.Equal(
            $"cannot listen on {a.ListensOn} for other nodes: it is in use by another process; stop that process or set scrapecluster.cluster.listen-address", fault);
    }

    private static MemberFrame Filled(int length) => new() { Node = new string('x', length) };

    private static string Metrics(PeerNode node)
    {
        var page = new ArrayBufferWriter<byte>();
        node.Metrics.Write(page);
        return Encoding.UTF8.GetString(page.WrittenSpan);
    }
}
