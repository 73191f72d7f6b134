using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Tests.Node;

public sealed class WebServerTests
{
    [Fact]
    public async Task TryStart_ToldToStopBefore_IsNoException()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Lifetime.StopApplication();

        var fault = await WebServer.TryStartAsync(app, new ListenAddress("127.0.0.1", 0));

        Assert.Equal("told to stop before it listened; nothing was changed", fault);
    }
}
