using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.IntegrationTests.Peers;

/// <summary>A class of its own, so that its minute passes beside the other tests.</summary>
public sealed class QuietStreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_QuietForAMinute_StaysOpen()
    {
        await using var a = await PeerNode.StartAsync("a");
        await using var b = await PeerNode.StartAsync("b");
        var said = b.WithFrames();
        said.Writer.TryWrite(new MemberFrame { Incarnation = 1 });
        await using var heard = a.WatchAsync(b.Address, Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await heard.MoveNextAsync());
        var next = heard.MoveNextAsync();

        // Longer than Kestrel's own patience with responses (5 s) and than several pings of both sides.
        await Task.Delay(TimeSpan.FromSeconds(60), Cancellation);
        Assert.False(next.IsCompleted);
        said.Writer.TryWrite(new MemberFrame { Incarnation = 2 });

        Assert.True(await next);
        Assert.Equal(2, heard.Current.Incarnation);
    }
}
