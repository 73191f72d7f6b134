using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace ScrapeCluster.Cluster.Store.Postgres;

/// <summary>
/// Whether packets reach the database again, found out in a moment and without asking the database for anything. A whole attempt to connect waits long for a slow
/// one, and the system repeats a packet that was lost a second later at the earliest. Blocking; used by one thread, which a starved pool does not stop.
/// </summary>
internal sealed class StorePath
{
    private const int MostAddresses = 16;

    private readonly List<(string Host, int Port)> _names = [];
    private readonly List<IPEndPoint> _literals = [];
    private readonly bool _isElsewhere;
    private IReadOnlyList<IPEndPoint> _resolved = [];
    private Task<IReadOnlyList<IPEndPoint>>? _resolving;

    /// <param name="hosts">As in a connection string: several after commas, each with a port of its own or without.</param>
    public StorePath(string? hosts, int port)
    {
        foreach (var host in (hosts ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (host[0] is '/' or '@')
            {
                // A socket of this machine is no way to be lost.
                _isElsewhere = true;
            }
            else if (IPAddress.TryParse(host, out var address))
            {
                _literals.Add(new IPEndPoint(address, port));
            }
            else if (IPEndPoint.TryParse(host, out var literal))
            {
                _literals.Add(literal);
            }
            else
            {
                var parts = host.Split(':', 2);
                _names.Add((parts[0], parts.Length > 1 && int.TryParse(parts[1], out var own) ? own : port));
            }
        }
    }

    public static StorePath Of(NpgsqlDataSource source)
    {
        var settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        return new StorePath(settings.Host, settings.Port);
    }

    /// <summary>Learns where names lead while they can be asked. Beside, since that may hang as well.</summary>
    public void Resolve()
    {
        if (_resolving is { IsCompletedSuccessfully: true } known)
        {
            _resolved = known.Result.Count > 0 ? known.Result : _resolved;
        }

        if (_names.Count > 0 && _resolving is null or { IsCompleted: true })
        {
            _resolving = ResolveAsync(_names);
        }
    }

    /// <summary>Somebody answers there, be it by a refusal. True also when it is not known where to ask.</summary>
    public bool IsOpen(TimeSpan within)
    {
        Resolve();
        List<IPEndPoint> addresses = [.. _literals.Concat(_resolved).Take(MostAddresses)];
        if (_isElsewhere || addresses.Count == 0)
        {
            return true;
        }

        var sockets = new List<Socket>();
        try
        {
            return addresses.Any(address => Begin(address, sockets)) || AnyEnds(sockets, within);
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    /// <returns>True when it was connected or refused at once.</returns>
    private static bool Begin(IPEndPoint address, List<Socket> sockets)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            socket.Connect(address);
            socket.Dispose();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            sockets.Add(socket);
            return false;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return !IsSilence(e.SocketErrorCode);
        }
    }

    private static bool AnyEnds(List<Socket> sockets, TimeSpan within)
    {
        if (sockets.Count == 0)
        {
            return false;
        }

        // Writable: the attempt is over, in one way or the other.
        List<Socket> ended = [.. sockets];
        Socket.Select(null, ended, null, within);
        return ended.Any(static socket => !IsSilence((SocketError)(int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!));
    }

    /// <summary>The packets went nowhere; nobody has refused them.</summary>
    public static bool IsSilence(SocketError error) =>
        error is SocketError.TimedOut or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.NetworkDown;

    private static async Task<IReadOnlyList<IPEndPoint>> ResolveAsync(IReadOnlyList<(string Host, int Port)> names)
    {
        var found = new List<IPEndPoint>();
        foreach (var (host, port) in names)
        {
            try
            {
                found.AddRange((await Dns.GetHostAddressesAsync(host)).Select(address => new IPEndPoint(address, port)));
            }
            catch (SocketException)
            {
                // What was known of it counts on.
            }
        }

        return found;
    }
}
