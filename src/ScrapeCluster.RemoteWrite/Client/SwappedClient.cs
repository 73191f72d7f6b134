using ScrapeCluster.RemoteWrite.Encoding;

namespace ScrapeCluster.RemoteWrite.Client;

/// <summary>
/// A client that can be replaced while requests are on their way: those end with the one that they began with, which is disposed of behind the last of them.
/// </summary>
internal sealed class SwappedClient(IWriteClient first) : IWriteClient
{
    private readonly Lock _guard = new();
    private Holder _current = new(first);

    /// <summary>One for all clients of the queue.</summary>
    public WireFormat Format { get; } = first.Format;

    /// <param name="next">With the same <see cref="Format"/>.</param>
    public void Swap(IWriteClient next)
    {
        Holder old;
        lock (_guard)
        {
            old = _current;
            _current = new Holder(next);
        }

        Release(old);
    }

    public async Task<StoreOutcome> StoreAsync(EncodedRequest request, int attempt, CancellationToken cancellation)
    {
        var held = Take();
        try
        {
            return await held.Client.StoreAsync(request, attempt, cancellation);
        }
        finally
        {
            Release(held);
        }
    }

    public void Dispose() => Release(_current);

    private Holder Take()
    {
        lock (_guard)
        {
            _current.Users++;
            return _current;
        }
    }

    private void Release(Holder holder)
    {
        bool isLast;
        lock (_guard)
        {
            isLast = --holder.Users == 0;
        }

        if (isLast)
        {
            holder.Client.Dispose();
        }
    }

    /// <summary>The one that holds the present client counts as a user.</summary>
    private sealed class Holder(IWriteClient client)
    {
        public readonly IWriteClient Client = client;
        public int Users = 1;
    }
}
