using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ScrapeCluster.Cli;

namespace ScrapeCluster.Tests.Cli;

public sealed class CheckHealthTests
{
    [Theory]
    [InlineData("healthy", 200, ExitCodes.Good)]
    [InlineData("ready", 200, ExitCodes.Good)]
    [InlineData("ready", 503, ExitCodes.Faults)]
    public async Task Check_NodeThatAnswers_IsJudgedByItsStatus(string what, int status, int exitCode)
    {
        using var node = new TcpListener(IPAddress.Loopback, 0);
        node.Start();
        using var ended = new CancellationTokenSource();
        var answering = AnswerAsync(node, status, ended.Token);
        var waited = Stopwatch.StartNew();
        int result;
        StringWriter output;
        do
        {
            // It waits for two seconds, and a busy machine may stand still for longer: then it asks again, as whoever runs it does.
            output = new StringWriter();
            result = CommandTree.Run(["check", what, "--url", $"http://{node.LocalEndpoint}"], Stream.Null, output, output);
        }
        while (output.ToString().Contains("does not answer", StringComparison.Ordinal) && waited.Elapsed < TimeSpan.FromSeconds(60));

        await ended.CancelAsync();
        Assert.Equal(exitCode, result);
        Assert.All(await answering, request => Assert.StartsWith($"GET /-/{what} ", request, StringComparison.Ordinal));
        Assert.Equal(status == 200, output.ToString().Length == 0);
    }

    /// <summary>One after the other, to the end; what was asked.</summary>
    private static async Task<IReadOnlyList<string>> AnswerAsync(TcpListener node, int status, CancellationToken ended)
    {
        var requests = new List<string>();
        var buffer = new byte[4096];
        while (true)
        {
            try
            {
                using var client = await node.AcceptTcpClientAsync(ended);
                var stream = client.GetStream();
                if (await stream.ReadAsync(buffer, ended) is > 0 and var length)
                {
                    requests.Add(Encoding.ASCII.GetString(buffer, 0, length));
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), ended);
                }
            }
            catch (IOException)
            {
                // Who asked has hung up.
            }
            catch (OperationCanceledException)
            {
                return requests;
            }
        }
    }

    [Fact]
    public void Check_NotAUrl_IsAFaultOfTheCommandLine()
    {
        var output = new StringWriter();
        Assert.Equal(ExitCodes.Usage, CommandTree.Run(["check", "ready", "--url", "node1"], Stream.Null, output, output));
        Assert.Contains("no http URL", output.ToString(), StringComparison.Ordinal);
    }
}
