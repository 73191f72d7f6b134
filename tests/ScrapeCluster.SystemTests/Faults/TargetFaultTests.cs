using System.Globalization;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Faults;

/// <summary>Targets that refuse, hang, lie and flood: each is shown down with its reason, and a healthy target beside them misses nothing.</summary>
public sealed class TargetFaultTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n";
    private const int ControlPages = 30;

    [Fact]
    public Task HostileTargets_AreShownDown_AndDisturbNobody() => Machine.JudgeAsync(DisturbAsync);

    private static async Task DisturbAsync()
    {
        using var folder = new TestFolder();
        await using var control = new ScriptedExporter();
        control.OnPath("/metrics", n => $"control {n}\n");
        var refused = $"127.0.0.1:{Ports.Free()}";
        await using var hangs = new RawServer(HangAsync);
        await using var fails = new RawServer((s, c) => RawServer.WriteAsync(s, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", c));
        await using var half = new RawServer((s, c) => RawServer.WriteAsync(s, Head + "Content-Length: 1000\r\n\r\na 1\nb 2\n", c));
        await using var endless = new RawServer(EndlessAsync);
        var packed = Bomb();
        await using var bomb = new RawServer((s, c) => WriteBombAsync(s, packed, c));
        await using var notUtf8 = new RawServer((s, c) => RawServer.WriteAsync(s, Head + "Content-Length: 15\r\n\r\na{b=\"\xff\xfe\xfa\"} 1 \n", c));
        await using var longLine = new RawServer(LongLineAsync);
        await using var notHttp = new RawServer((s, c) => RawServer.WriteAsync(s, "SSH-2.0-OpenSSH_9.2\r\n\r\n", c));
        var bad = new Dictionary<string, string>
        {
            ["refused"] = refused,
            ["hangs"] = hangs.Address,
            ["fails"] = fails.Address,
            ["half"] = half.Address,
            ["endless"] = endless.Address,
            ["bomb"] = bomb.Address,
            ["not-utf8"] = notUtf8.Address,
            ["long-line"] = longLine.Address,
            ["not-http"] = notHttp.Address,
        };
        var config = new StringBuilder("global: {scrape_interval: 500ms, scrape_timeout: 400ms, body_size_limit: 8MB}\nscrape_configs:\n");
        config.Append(CultureInfo.InvariantCulture, $"- job_name: control\n  static_configs: [targets: ['{control.Address}']]\n");
        foreach (var (name, address) in bad)
        {
            config.Append(CultureInfo.InvariantCulture, $"- job_name: {name}\n  static_configs: [targets: ['{address}']]\n");
        }

        await using var node = NodeProcess.Start(folder.File("prometheus.yml", config.ToString()), folder.Sub("data"));
        await node.ReadyAsync();
        await Wait.Until($"{ControlPages} scrapes of the healthy target", TimeSpan.FromSeconds(60),
            () => control.ServedOn("/metrics").Count >= ControlPages, () => node.Output);

        // On a machine under load any scrape may run out of its time for once: its own reason comes later.
        var awaited = new Dictionary<string, string>
        {
            ["refused"] = "connection refused",
            ["hangs"] = "context deadline exceeded",
            ["fails"] = "500",
            ["bomb"] = "body size limit",
        };
        await Wait.Until("each target's own reason", TimeSpan.FromSeconds(60), async () =>
        {
            var targets = await TargetsAsync(node);
            foreach (var name in bad.Keys)
            {
                Assert.True(Health(targets[name]) == "down", $"{name} is {Health(targets[name])}");
                Assert.NotEqual("", LastError(targets[name]));
            }

            foreach (var (name, _) in awaited.Where(one => LastError(targets[one.Key]).Contains(one.Value, StringComparison.Ordinal)).ToList())
            {
                awaited.Remove(name);
            }

            return awaited.Count == 0;
        }, () => string.Join(", ", awaited));
        await Wait.Until("the healthy target to be up", TimeSpan.FromSeconds(60), async () => Health((await TargetsAsync(node))["control"]) == "up");
        AssertRegular(control.ServedOn("/metrics"));
        Assert.True(await node.MetricAsync("process_resident_memory_bytes") < 600e6, "hostile targets took the node's memory");
    }

    private static async Task<Dictionary<string, JsonElement>> TargetsAsync(NodeProcess node)
    {
        return (await node.DataAsync("/api/v1/targets?state=active")).GetProperty("activeTargets").EnumerateArray().ToDictionary(target => target.GetProperty("scrapePool").GetString()!);
    }

    private static string LastError(JsonElement target) => target.GetProperty("lastError").GetString()!;

    private static string? Health(JsonElement target) => target.GetProperty("health").GetString();

    /// <summary>After the start-up nearly every tick of half a second came, and none twice: what is missing is the machine's load, not a neighbour that holds it up.</summary>
    private static void AssertRegular(IReadOnlyList<Served> pages)
    {
        var ticks = (pages[^1].RequestedAtMs - pages[5].RequestedAtMs) / 500.0;
        Assert.InRange(pages.Count - 6, (ticks * 0.8) - 1, ticks + 2);
    }

    private static async Task HangAsync(NetworkStream stream, CancellationToken cancellation)
    {
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    private static async Task EndlessAsync(NetworkStream stream, CancellationToken cancellation)
    {
        await RawServer.WriteAsync(stream, Head + "\r\n", cancellation);
        var block = new byte[64 * 1024];
        Array.Fill(block, (byte)'a');
        while (!cancellation.IsCancellationRequested)
        {
            await stream.WriteAsync(block, cancellation);
        }
    }

    private static byte[] Bomb()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 64; i++)
            {
                gzip.Write(zeros);
            }
        }

        return packed.ToArray();
    }

    private static async Task WriteBombAsync(NetworkStream stream, byte[] bomb, CancellationToken cancellation)
    {
        await RawServer.WriteAsync(stream, Head + $"Content-Encoding: gzip\r\nContent-Length: {bomb.Length}\r\n\r\n", cancellation);
        await stream.WriteAsync(bomb, cancellation);
    }

    private static async Task LongLineAsync(NetworkStream stream, CancellationToken cancellation)
    {
        const int Length = 10_000_000;
        await RawServer.WriteAsync(stream, Head + $"Content-Length: {Length}\r\n\r\n", cancellation);
        var block = new byte[100_000];
        Array.Fill(block, (byte)'x');
        for (var i = 0; i < Length / block.Length; i++)
        {
            await stream.WriteAsync(block, cancellation);
        }
    }
}
