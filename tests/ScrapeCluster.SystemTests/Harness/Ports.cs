using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.SystemTests.Harness;

internal static class Ports
{
    private const int First = 20_000;
    private const int Count = 12_000;
    private static readonly Lock Guard = new();
    private static int _next = Environment.ProcessId * 97 % Count;

    /// <summary>
    /// A port of 127.0.0.1 that nobody listens on now and that this process has not given out before. It lies below those that the system hands out
    /// by itself (from 32768 on Linux), so that no connection and no listener on port 0 takes it before the process that it is for.
    /// </summary>
    public static int Free()
    {
        lock (Guard)
        {
            while (true)
            {
                var port = First + _next;
                _next = (_next + 1) % Count;
                if (IsFree(port))
                {
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
