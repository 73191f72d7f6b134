using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScrapeCluster.LoadGenerator;

// Usage: ScrapeCluster.LoadGenerator PORT SERIES
//   GET  /t/<n>   the page of target n, SERIES series; every scrape moves its values on
//   GET  /stats   {"scrapes":..,"posts":..,"postBytes":..}
//   POST anything a remote write: counted and thrown away
// PORT 0 takes a free one; the port in use is the first line of the output.
if (args.Length != 2 || !ushort.TryParse(args[0], out var port) || !int.TryParse(args[1], out var series) || series < 1)
{
    Console.Error.WriteLine($"usage: ScrapeCluster.LoadGenerator PORT SERIES (got: {string.Join(' ', args)})");
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var pages = new PageRenderer(series);
var counters = new LoadCounters();
using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
listener.Listen(4096);
Console.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture));
try
{
    while (true)
    {
        var connection = await listener.AcceptAsync(stop.Token);
        _ = new LoadConnection(connection, pages, counters).RunAsync(stop.Token);
    }
}
catch (OperationCanceledException)
{
    return 0;
}
