using System.Diagnostics;
using System.Net;
using ScrapeCluster.Testing.Exporter;
using ScrapeCluster.Testing.Faults;

namespace ScrapeCluster.Tests.Faults;

/// <summary>A real server behind the link; the connections are made and broken as those of a database client are.</summary>
public sealed class FaultyLinkTests : IAsyncLifetime
{
    private readonly RecordingExporter _server = new(IPAddress.Loopback);
    private readonly HttpClient _http = new();
    private FaultyLink? _link;

    public ValueTask InitializeAsync()
    {
        _server.Add("t0", series: 1);
        _link = new FaultyLink(IPAddress.Loopback, IPEndPoint.Parse(_server.Address));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _link!.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task Delay_HoldsAnswersBack()
    {
        await GetAsync();
        _link!.Delay(TimeSpan.FromMilliseconds(100));

        var watch = Stopwatch.StartNew();
        await GetAsync();

        Assert.True(watch.ElapsedMilliseconds >= 95, $"an answer that is held back for 100 ms came after {watch.ElapsedMilliseconds} ms");
    }

    [Fact]
    public async Task FallSilent_NothingPassesUntilItSpeaks()
    {
        _link!.FallSilent();
        var answer = GetAsync();
        Assert.False(answer.IsCompleted);

        _link.Speak();

        Assert.Contains("fault_series", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_BreaksConnectionsButNotTheNext()
    {
        await GetAsync();
        _link!.FallSilent();
        var answer = GetAsync();
        _link.Reset();
        await Assert.ThrowsAsync<HttpRequestException>(() => answer);

        _link.Speak();

        Assert.Contains("fault_series", await GetAsync(), StringComparison.Ordinal);
    }

    private Task<string> GetAsync() => _http.GetStringAsync($"http://{_link!.EndPoint}/t0");
}
