using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.IntegrationTests.Peers;

public sealed class PeerStreamTests
{
    /// <summary>Where the end must not come by a ping: how long it took would tell of the machine.</summary>
    private static readonly TimeSpan NoPings = TimeSpan.FromHours(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_EachMessage_ArrivesWhenItIsSent()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        var said = b.WithFrames();
        await using var heard = a.WatchAsync(b.Address, Cancellation).GetAsyncEnumerator(Cancellation);

        for (var i = 1; i <= 3; i++)
        {
            said.Writer.TryWrite(new MemberFrame { Incarnation = i });
            Assert.True(await heard.MoveNextAsync());
            Assert.Equal(i, heard.Current.Incarnation);
        }

        said.Writer.Complete();
        Assert.False(await heard.MoveNextAsync());
    }

    [Fact]
    public async Task Stream_LargeAndEmptyMessages_KeepTheirBounds()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        var said = b.WithFrames();
        int[] lengths = [0, 1, 127, 128, 100_000, 0, 3_000_000, 5];
        foreach (var length in lengths)
        {
            said.Writer.TryWrite(new MemberFrame { Node = new string('x', length) });
        }

        said.Writer.Complete();

        var heard = await a.WatchAsync(b.Address, Cancellation).Select(frame => frame.Node.Length).ToListAsync(Cancellation);
        Assert.Equal(lengths, heard);
    }

    [Fact]
    public async Task Stream_MessageTooLarge_EndsIt()
    {
        await using var a = await PeerNode.StartAsync("a", terms => terms with { MaxMessageBytes = 1000 });
        await using var b = await PeerNode.StartAsync("b");
        b.WithFrames().Writer.TryWrite(new MemberFrame { Node = new string('x', 2000) });
        await using var heard = a.WatchAsync(b.Address, Cancellation).GetAsyncEnumerator(Cancellation);

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(async () => await heard.MoveNextAsync());
        Assert.Contains("more than 1000", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_PeerIsKilled_EndsAtOnce_AndNobodyListensThere()
    {
        await using var a = await PeerNode.StartAsync("a", terms => terms with { PingDelay = NoPings });
        await using var b = await PeerNode.StartAsync("b");
        using var relay = new Relay(b.ListensOn.Port);
        var to = new PeerAddress("b", relay.Address);
        b.WithFrames().Writer.TryWrite(new MemberFrame());
        await using var heard = a.WatchAsync(to, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await heard.MoveNextAsync());
        var next = heard.MoveNextAsync();

        relay.Kill();

        await Assert.ThrowsAsync<PeerUnavailableException>(() => next.AsTask().WaitAsync(Patience, Cancellation));
        Assert.False(await a.Client.IsListeningAsync(to, Patience, Cancellation));
        var again = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(to));
        Assert.True(again.IsRefused);
    }

    [Fact]
    public async Task Stream_PeersMachineVanishes_EndsByPings()
    {
        await using var a = await PeerNode.StartAsync("a", terms => terms with { PingDelay = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromSeconds(10) });
        await using var b = await PeerNode.StartAsync("b");
        using var relay = new Relay(b.ListensOn.Port);
        b.WithFrames().Writer.TryWrite(new MemberFrame());
        await using var heard = a.WatchAsync(new PeerAddress("b", relay.Address), Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await heard.MoveNextAsync());

        relay.Freeze();

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => heard.MoveNextAsync().AsTask().WaitAsync(2 * Patience, Cancellation));
        Assert.False(fault.IsRefused);
    }

    /// <summary>TCP itself would try for a quarter of an hour, and keep all calls waiting that long after the cut's end as it had lasted.</summary>
    [Fact]
    public async Task Call_ConnectionIsCut_Fails_AndTheNextHasANewOne()
    {
        await using var a = await PeerNode.StartAsync("a", terms => terms with { PingDelay = NoPings, DeliveryTimeout = TimeSpan.FromSeconds(1) });
        await using var b = (await PeerNode.StartAsync("b")).WithRing();
        using var relay = new Relay(b.ListensOn.Port);
        var to = new PeerAddress("b", relay.Address);
        await a.RingAsync(to);
        relay.Cut();

        var fault = await Assert.ThrowsAsync<PeerUnavailableException>(() => a.RingAsync(to));
        Assert.DoesNotContain("no answer within", fault.Message, StringComparison.Ordinal);
        Assert.Equal(7, (await a.RingAsync(to)).Epoch);
    }

    [Fact]
    public async Task Stream_ConnectionIsCut_EndsThere()
    {
        var said = Channel.CreateUnbounded<MemberFrame>();
        var ended = new TaskCompletionSource();
        await using var a = await PeerNode.StartAsync("a", terms => terms with { PingDelay = NoPings, DeliveryTimeout = NoPings });
        await using var b = await PeerNode.StartAsync("b", terms => terms with { PingDelay = NoPings, DeliveryTimeout = TimeSpan.FromSeconds(1) });
        b.Routes.Stream(PeerMethods.Watch, WatchRequest.Parser, (_, cancellation) => SayAsync(said.Reader, ended, cancellation));
        using var relay = new Relay(b.ListensOn.Port);
        said.Writer.TryWrite(new MemberFrame());
        await using var heard = a.WatchAsync(new PeerAddress("b", relay.Address), Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await heard.MoveNextAsync());

        relay.Cut();
        said.Writer.TryWrite(new MemberFrame());

        await ended.Task.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Stream_PeerStops_EndsByFault()
    {
        await using var a = await PeerNode.StartAsync("a", terms => terms with { PingDelay = NoPings });
        await using var b = await PeerNode.StartAsync("b");
        b.WithFrames().Writer.TryWrite(new MemberFrame());
        await using var heard = a.WatchAsync(b.Address, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await heard.MoveNextAsync());

        await b.StopAsync().WaitAsync(Patience, Cancellation);

        await Assert.ThrowsAsync<PeerUnavailableException>(() => heard.MoveNextAsync().AsTask().WaitAsync(Patience, Cancellation));
        Assert.Empty(b.Log);
    }

    [Fact]
    public async Task Stream_ReaderCancels_EndsAtOnceOnBothSides()
    {
        await using var a = await PeerNode.StartAsync("a", terms => terms with { PingDelay = NoPings });
        await using var b = await PeerNode.StartAsync("b");
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        b.Routes.Stream(PeerMethods.Watch, WatchRequest.Parser, (_, cancellation) => QuietAsync(over, cancellation));
        using var stop = new CancellationTokenSource();
        await using var heard = a.WatchAsync(b.Address, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.True(await heard.MoveNextAsync());
        var next = heard.MoveNextAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        await over.Task.WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Stream_ThatFails_DoesNotLookComplete()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        var said = b.WithFrames();
        said.Writer.TryWrite(new MemberFrame());
        said.Writer.Complete(new InvalidOperationException("no frames left"));
        await using var heard = a.WatchAsync(b.Address, Cancellation).GetAsyncEnumerator(Cancellation);

        await Assert.ThrowsAsync<PeerUnavailableException>(async () =>
        {
            while (await heard.MoveNextAsync())
            {
            }
        });
        Assert.Contains("no frames left", Assert.Single(b.Log), StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<IMessage> QuietAsync(TaskCompletionSource over, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            yield return new MemberFrame();
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        finally
        {
            over.SetResult();
        }
    }

    private static async IAsyncEnumerable<IMessage> SayAsync(ChannelReader<MemberFrame> said, TaskCompletionSource ended, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            await foreach (var frame in said.ReadAllAsync(cancellation))
            {
                yield return frame;
            }
        }
        finally
        {
            ended.TrySetResult();
        }
    }
}
