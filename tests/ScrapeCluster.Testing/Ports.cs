using System.Net;
using System.Net.Sockets;

namespace ScrapeCluster.Testing;

/// <summary>Ports for servers that a test starts in processes of their own, which bind them some time after they were chosen.</summary>
public static class Ports
{
    /// <summary>The harness of the acceptance suites takes those from 21000 to 21999, some time before it uses them.</summary>
    private const int First = 22_000;
    private const int Count = 10_000;
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
