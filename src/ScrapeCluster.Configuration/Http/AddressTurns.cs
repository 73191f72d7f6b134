using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// <c>round_robin_dns</c>: each new connection looks the name up and takes the address whose turn it is, and the next one when nobody answers there. Prometheus takes
/// one by chance (storage/remote/dial_context.go); turns spread few connections evenly.
/// </summary>
internal sealed class AddressTurns(Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    private int _next = -1;

    /// <summary>Throws as a connection to the name would: the fault is that of the last address.</summary>
    public async Task<Socket> ConnectAsync(DnsEndPoint name, CancellationToken cancellationToken)
    {
        // Sorted, since a resolver may turn the addresses itself.
        var addresses = await resolve(name.Host, cancellationToken);
        Array.Sort(addresses, static (a, b) => a.GetAddressBytes().AsSpan().SequenceCompareTo(b.GetAddressBytes()));
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var first = (uint)Interlocked.Increment(ref _next);
        for (uint tried = 0; ; tried++)
        {
            try
            {
                return await Dialer.ConnectToAsync(new IPEndPoint(addresses[(first + tried) % (uint)addresses.Length], name.Port), cancellationToken);
            }
            catch (SocketException) when (tried + 1 < addresses.Length)
            {
                // The next address may answer.
            }
        }
    }
}
