using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ScrapeCluster.Testing.Scrapes;

namespace ScrapeCluster.Testing.Exporter;

/// <summary>
/// Many targets in one server, one path each, which records who asked for what and when. Each connection has a thread that blocks in its read, so that the
/// instant it notes is the kernel's and does not wait for anybody's thread pool.
/// </summary>
public sealed class RecordingExporter : IDisposable
{
    private const int StackBytes = 256 * 1024;
    private readonly ConcurrentDictionary<string, ExporterTarget> _targets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Socket, byte> _connections = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly long _began = Stopwatch.GetTimestamp();

    public RecordingExporter(IPAddress address)
    {
        _listener.Bind(new IPEndPoint(address, 0));
        _listener.Listen(1024);
        Address = _listener.LocalEndPoint!.ToString()!;
        Start(Accept);
    }

    /// <summary>host:port.</summary>
    public string Address { get; }

    /// <summary>The clock of all arrivals.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    public ExporterTarget Add(string name, int series) => _targets[name] = new ExporterTarget(name, series);

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }
    }

    private static void Start(Action run) => new Thread(() => run(), StackBytes) { IsBackground = true, Name = "recording exporter" }.Start();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = _listener.Accept();
                connection.NoDelay = true;
                _connections.TryAdd(connection, 0);
                Start(() => Serve(connection));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private void Serve(Socket connection)
    {
        try
        {
            var from = ((IPEndPoint)connection.RemoteEndPoint!).Address.ToString();
            var buffer = new byte[16 * 1024];
            var filled = 0;
            while (connection.Receive(buffer, filled, buffer.Length - filled, SocketFlags.None) is var read and > 0)
            {
                var at = Now;
                filled += read;
                if (!buffer.AsSpan(0, filled).EndsWith("\r\n\r\n"u8))
                {
                    continue;
                }

                connection.Send(AnswerTo(buffer.AsSpan(0, filled), new Arrival(at, from)));
                filled = 0;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The scraper went away, or the exporter does.
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            connection.Dispose();
        }
    }

    /// <summary>Requests have no body, and nobody sends a second one before the first is answered.</summary>
    private byte[] AnswerTo(ReadOnlySpan<byte> request, Arrival arrival)
    {
        var line = request[..request.IndexOf((byte)'\r')];
        var path = line[(line.IndexOf((byte)' ') + 1)..];
        path = path[..path.IndexOf((byte)' ')];
        var query = path.IndexOf((byte)'?');
        var name = Encoding.ASCII.GetString(query < 0 ? path : path[..query]);
        if (_targets.TryGetValue(name[1..], out var target))
        {
            target.Record.Add(arrival);
            return target.AnswerTo(arrival.From);
        }

        return ExporterPage.Answer("404 Not Found", "text/plain", $"no target {name}\n");
    }
}
