using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Discovery;
using ScrapeCluster.Model;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Testing;

namespace ScrapeCluster.Tests.Discovery;

/// <summary>Lists over HTTP, from a server that answers as the test says.</summary>
public sealed class HttpProviderTests : TestKit
{
    /// <summary>So long that no step of the clock but a test's own reaches it.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromHours(1);

    private readonly HttpListener _server;
    private readonly MetricsRegistry _metrics = new();
    private readonly IActorRef _discovery;
    private readonly Uri _url;
    private readonly List<HttpListenerRequest> _requests = [];
    private volatile Answer _answer = new("[]");

    public HttpProviderTests()
    {
        HttpListener? server = null;
        while (server is null)
        {
            server = TryListen(Random.Shared.Next(20_000, 32_000));
        }

        _server = server;
        _url = new Uri($"{_server.Prefixes.Single()}list");
        _ = Task.Run(ServeAsync);
        _discovery = Sys.ActorOf(
            DiscoveryActor.Props(
                TestActor, new DiscoverySettings { BurstInterval = TimeSpan.FromMilliseconds(10) }, _metrics, NullLoggerFactory.Instance, Time, "ScrapeCluster/test"),
            "discovery");
    }

    private sealed record Answer(string Body, int Status = 200, string ContentType = "application/json; charset=utf-8");

    [Fact]
    public void List_IsReadWithItsLabelsAndItsUrl()
    {
        _answer = new Answer("""[{"targets":["x:1","x:2"],"labels":{"l":"v"}},{"targets":["y:1"]}]""");
        Apply();

        var groups = NextGroups();
        Assert.Equal(2, groups.Count);
        Assert.Equal(Labels.Of(("__meta_url", _url.ToString()), ("l", "v")), groups[0].Labels);
        Assert.Equal([Labels.Of(("__address__", "x:1")), Labels.Of(("__address__", "x:2"))], groups[0].Targets);
        var request = Assert.Single(_requests);
        Assert.Equal(("GET", "3600", "ScrapeCluster/test", "application/json"),
            (request.HttpMethod, request.Headers["X-Prometheus-Refresh-Interval-Seconds"], request.Headers["User-Agent"], request.Headers["Accept"]));
    }

    [Fact]
    public void ShorterList_ClearsWhatItHasNoMore()
    {
        _answer = new Answer("""[{"targets":["x:1"]},{"targets":["y:1"]}]""");
        Apply();
        Assert.Equal(2, NextGroups().Count);

        _answer = new Answer("""[{"targets":["z:1"]}]""");
        TestScheduler.Advance(Refresh);
        Assert.Equal([Labels.Of(("__address__", "z:1"))], Assert.Single(NextGroups()).Targets);
    }

    [Theory]
    [InlineData("[", 200, "application/json")]
    [InlineData("""[{"targets":["y:1"],"other":1}]""", 200, "application/json")]
    [InlineData("[]", 500, "application/json")]
    [InlineData("[]", 202, "application/json")]
    [InlineData("[]", 200, "text/plain")]
    [InlineData("[]", 200, "application/json; charset=latin1")]
    public void ListThatIsNone_KeepsTheGroups_AndIsCounted(string body, int status, string contentType)
    {
        _answer = new Answer("""[{"targets":["x:1"]}]""");
        Apply();
        Assert.Single(NextGroups());

        _answer = new Answer(body, status, contentType);
        TestScheduler.Advance(Refresh);
        AwaitCondition(() => _metrics.Counter("prometheus_sd_http_failures_total", "").Value == 1);
        ExpectNoMsgAfter(_discovery);

        _answer = new Answer("""[{"targets":["x:1"]},{"targets":["after:1"]}]""");
        TestScheduler.Advance(Refresh);
        Assert.Equal(2, NextGroups().Count);
    }

    [Fact]
    public void FirstAnswerThatFails_MakesItsJobsPartialUntilThereIsAList()
    {
        _answer = new Answer("", 503);
        Apply();
        Assert.Equal(["a"], ExpectMsg<TargetSetsChanged>().Partial);

        _answer = new Answer("""[{"targets":["x:1"]}]""");
        TestScheduler.Advance(Refresh);
        var mended = ExpectMsg<TargetSetsChanged>();
        Assert.Empty(mended.Partial);
        Assert.Single(mended.Sets["a"]);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _server.Close();
    }

    /// <summary>Null when the port is taken; a listener that did not start cannot be used again.</summary>
    private static HttpListener? TryListen(int port)
    {
        var server = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        try
        {
            server.Start();
            return server;
        }
        catch (HttpListenerException)
        {
            server.Close();
            return null;
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _server.GetContextAsync();
                var answer = _answer;
                _requests.Add(context.Request);
                context.Response.StatusCode = answer.Status;
                context.Response.ContentType = answer.ContentType;
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.Body));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Closed with the test.
        }
    }

    private void Apply() => _discovery.Tell(new ApplyDiscovery(new Dictionary<string, IReadOnlyList<SdConfig>>
    {
        ["a"] = [new HttpSdConfig(_url.ToString(), Refresh, new HttpClientConfig())],
    }));

    /// <summary>Changes so far apart pass on at once: the clock may stand.</summary>
    private IReadOnlyList<TargetGroup> NextGroups() => [.. ExpectMsg<TargetSetsChanged>().Sets["a"]];
}
