using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>The leader's end of a stream to one member, opened again and again until the member is dead or the leader is none any more. Tells all to one actor.</summary>
internal sealed class MemberStream(IPeers peers, TimeProvider time, PeerAddress member, long incarnation, WatchRequest request, IActorRef watch)
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var retry = FirstRetry;
        while (true)
        {
            var fault = await ReadAsync(() => retry = FirstRetry, cancellation);
            if (cancellation.IsCancellationRequested)
            {
                return;
            }

            // A connection that broke says little, the port says the rest: a process that ended refuses at once, a slow one or a cut line does not.
            var isRefused = !await IsListeningAsync(cancellation);
            watch.Tell(new StreamBroke(member.Node, incarnation, fault, isRefused), ActorRefs.NoSender);
            await PauseAsync(retry, cancellation);
            retry = retry + retry < LastRetry ? retry + retry : LastRetry;
        }
    }

    private async Task<string> ReadAsync(Action onFrame, CancellationToken cancellation)
    {
        try
        {
            await foreach (var frame in peers.StreamAsync(member, PeerMethods.Watch, request, MemberFrame.Parser, cancellation))
            {
                onFrame();
                watch.Tell(new FrameCame(member.Node, incarnation, frame), ActorRefs.NoSender);
            }

            return "it ended the stream";
        }
        catch (PeerUnavailableException fault)
        {
            return fault.Message;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return "";
        }
    }

    private async Task<bool> IsListeningAsync(CancellationToken cancellation)
    {
        try
        {
            return await peers.IsListeningAsync(member, ProbeTimeout, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(pause, time, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The loop sees it.
        }
    }
}

internal sealed record FrameCame(string Node, long Incarnation, MemberFrame Frame);

internal sealed record StreamBroke(string Node, long Incarnation, string Fault, bool IsRefused);
