using System.Net.Sockets;
using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Node.RemoteRead;
using ScrapeCluster.Node.RemoteRead.Wire;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Node.RemoteRead;

/// <summary>
/// Clients of remote read that go away, send slowly or read slowly: the turn, the block and the part of the head that they held are given back, and their
/// answer does not look whole.
/// </summary>
public sealed class SlowReaderTests : IAsyncLifetime
{
    private const int WaitMs = 60_000;

    private EndpointFixture _node = null!;

    private ManualTimeProvider Time => (ManualTimeProvider)_node.Context.Time;

    private double Turns => _node.Context.Metrics.Gauge(ReadGate.QueriesName, "").Value;

    public async ValueTask InitializeAsync()
    {
        _node = await EndpointFixture.StartAsync(DateTimeOffset.UnixEpoch.AddDays(20_000), Labels.Empty, arrange: context => context with
        {
            Settings = context.Settings with { Reads = context.Settings.Reads with { Concurrency = 1 } },
        });
        await SixHours.AppendAsync(_node.Storage);
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory(Timeout = WaitMs)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reader_ThatHangsUp_LetsGoOfEverything(bool isStreamed)
    {
        var client = await AskAsync(isStreamed);
        Assert.StartsWith("HTTP/1.1 200", await HeadAsync(client), StringComparison.Ordinal);

        HangUp(client);

        await UntilNothingIsHeldAsync();
    }

    [Fact(Timeout = WaitMs)]
    public async Task Reader_ThatReadsNothing_IsCutOffAfterTheTimeout()
    {
        using var client = await AskAsync(isStreamed: true);
        Assert.StartsWith("HTTP/1.1 200", await HeadAsync(client), StringComparison.Ordinal);
        Assert.Equal(1, Turns);

        Time.Advance(_node.Context.Settings.Reads.Timeout);

        await UntilNothingIsHeldAsync();
        Assert.False((await RestAsync(client)).EndsWith("0\r\n\r\n", StringComparison.Ordinal), "the answer looks whole");
    }

    [Fact(Timeout = WaitMs)]
    public async Task Caller_ThatGoesWhileItWaits_TakesNoTurn()
    {
        var first = await AskAsync(isStreamed: true);
        await HeadAsync(first);
        var second = await AskAsync(isStreamed: true);
        await UntilAsync(() => Turns == 2);
        HangUp(second);
        await UntilAsync(() => Turns == 1);

        var third = await AskAsync(isStreamed: true);
        await UntilAsync(() => Turns == 2);
        HangUp(first);

        Assert.StartsWith("HTTP/1.1 200", await HeadAsync(third), StringComparison.Ordinal);
        HangUp(third);
        await UntilNothingIsHeldAsync();
    }

    [Fact(Timeout = WaitMs)]
    public async Task Caller_ThatSendsSlowly_IsRefused()
    {
        var timers = Time.TimerCount;
        using var client = await ConnectAsync("Content-Length: 1000\r\n");
        await client.SendAsync(new byte[10], TestContext.Current.CancellationToken);

        // That of the whole read and that of its request.
        await UntilAsync(() => Time.TimerCount == timers + 2);
        Time.Advance(ReadRequestReader.Patience);

        Assert.StartsWith("HTTP/1.1 408", await HeadAsync(client), StringComparison.Ordinal);
        await UntilAsync(() => Turns == 0);
    }

    private async Task UntilNothingIsHeldAsync()
    {
        await UntilAsync(() => Turns == 0);
        await SixHours.UntilNothingIsHeldAsync(_node.Storage);
    }

    private static Task UntilAsync(Func<bool> condition) => SixHours.UntilAsync(condition);

    private async Task<Socket> AskAsync(bool isStreamed)
    {
        // Some 10 MB: the buffers of the two sockets grow to 4 MiB, and what they take whole holds nobody up.
        Query[] queries = [.. Enumerable.Repeat(ReadExchange.Query("m", 0, long.MaxValue), 4)];
        var request = isStreamed ? ReadExchange.Streamed(queries) : ReadExchange.Request(queries);
        var body = await ReadExchange.Body(request).ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var client = await ConnectAsync($"Content-Length: {body.Length}\r\n");
        await client.SendAsync(body, TestContext.Current.CancellationToken);
        return client;
    }

    private async Task<Socket> ConnectAsync(string headers)
    {
        var url = new Uri(_node.Url);

        // A small window: what the client does not read stays with the server.
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096, NoDelay = true };
        await client.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        await client.SendAsync(Encoding.ASCII.GetBytes($"POST /api/v1/read HTTP/1.1\r\nHost: x\r\n{headers}\r\n"), TestContext.Current.CancellationToken);
        return client;
    }

    private static void HangUp(Socket client)
    {
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();
    }

    private static async Task<string> HeadAsync(Socket client)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await client.ReceiveAsync(one, TestContext.Current.CancellationToken) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>The last bytes of what comes until the answer is whole, or the connection ends.</summary>
    private static async Task<string> RestAsync(Socket client)
    {
        var part = new byte[64 * 1024];
        var last = "";
        try
        {
            while (!last.EndsWith("0\r\n\r\n", StringComparison.Ordinal) && await client.ReceiveAsync(part, TestContext.Current.CancellationToken) is > 0 and var count)
            {
                last = (last + Encoding.Latin1.GetString(part, 0, count))[^Math.Min(5, last.Length + count)..];
            }
        }
        catch (SocketException)
        {
            // Cut off.
        }

        return last;
    }
}
