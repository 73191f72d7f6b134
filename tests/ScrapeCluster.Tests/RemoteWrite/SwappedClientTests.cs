using ScrapeCluster.Configuration;
using ScrapeCluster.RemoteWrite.Client;
using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.Tests.RemoteWrite;

public sealed class SwappedClientTests
{
    [Fact]
    public async Task Swap_WithARequestOnItsWay_ThatEndsWithTheOldClientAndOthersUseTheNew()
    {
        var (old, next) = (new Client(), new Client());
        var swapped = new SwappedClient(old);
        var onItsWay = swapped.StoreAsync(default, 0, default);
        swapped.Swap(next);
        var second = swapped.StoreAsync(default, 0, default);
        Assert.Equal((1, 1), (old.Requests, next.Requests));
        Assert.False(old.IsDisposed);

        old.Answer.SetResult(StoreOutcome.Stored);
        await onItsWay;
        Assert.True(old.IsDisposed);
        Assert.False(next.IsDisposed);

        swapped.Dispose();
        Assert.False(next.IsDisposed);
        next.Answer.SetResult(StoreOutcome.Stored);
        await second;
        Assert.True(next.IsDisposed);
    }

    [Fact]
    public void Swap_AtRest_DisposesOfTheOldAtOnce()
    {
        var (old, next) = (new Client(), new Client());
        var swapped = new SwappedClient(old);
        swapped.Swap(next);
        Assert.True(old.IsDisposed);
        swapped.Dispose();
        Assert.True(next.IsDisposed);
    }

    private sealed class Client : IWriteClient
    {
        public TaskCompletionSource<StoreOutcome> Answer { get; } = new();

        public int Requests { get; private set; }

        public bool IsDisposed { get; private set; }

        public WireFormat Format { get; } = new(RemoteWriteMessage.V1);

        public Task<StoreOutcome> StoreAsync(EncodedRequest request, int attempt, CancellationToken cancellation)
        {
            Requests++;
            return Answer.Task;
        }

        public void Dispose() => IsDisposed = true;
    }
}
