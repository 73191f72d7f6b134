using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Model;
using ScrapeCluster.Node.Hosting;

namespace ScrapeCluster.Tests.Node;

/// <summary><c>POST /api/v1/admin/tsdb/snapshot</c>: answers and refusals are Prometheus's.</summary>
public sealed class SnapshotEndpointTests
{
    private const string Path = "/api/v1/admin/tsdb/snapshot";
    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Fact]
    public async Task Snapshot_IsOffByDefault()
    {
        await using var node = await EndpointFixture.StartAsync(_now, Labels.Empty);

        Assert.Equal((503, """{"status":"error","errorType":"unavailable","error":"admin APIs disabled"}"""), await PostAsync(node, Path));
        Assert.Equal(405, (await node.GetAsync(Path)).Status);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("?skip_head=false", 1)]
    [InlineData("?skip_head=true", 0)]
    public async Task Snapshot_IsNamedInTheAnswer(string parameters, int blocks)
    {
        await using var node = await EndpointFixture.StartAsync(_now, Labels.Empty, arrange: Enabled);
        node.Storage.Append("a", 1000, 1);

        var (status, body) = await PostAsync(node, Path + parameters);

        Assert.Equal(200, status);
        var snapshot = Assert.Single(Directory.GetDirectories(System.IO.Path.Combine(node.Storage.Directory, "snapshots")));
        Assert.Equal($$$"""{"status":"success","data":{"name":"{{{System.IO.Path.GetFileName(snapshot)}}}"}}""", body);
        Assert.Equal(blocks, Directory.GetDirectories(snapshot).Count(folder => System.IO.Path.GetFileName(folder) != "wal"));
    }

    [Fact]
    public async Task Snapshot_BadParameter_IsRefused()
    {
        await using var node = await EndpointFixture.StartAsync(_now, Labels.Empty, arrange: Enabled);

        Assert.Equal(
            (400, """{"status":"error","errorType":"bad_data","error":"invalid parameter \"skip_head\": unable to parse boolean \"maybe\""}"""),
            await PostAsync(node, Path + "?skip_head=maybe"));
    }

    [Fact]
    public async Task Snapshot_WhereThereIsAToken_MustShowIt()
    {
        var token = AdminToken.FromSecret("sixteen characters"u8.ToArray());
        await using var node = await EndpointFixture.StartAsync(_now, Labels.Empty, arrange: context => Enabled(context) with { AdminToken = token });

        Assert.Equal(401, (await PostAsync(node, Path)).Status);
        Assert.False(Directory.Exists(System.IO.Path.Combine(node.Storage.Directory, "snapshots")));
        using var response = await node.SendAsync(HttpMethod.Post, Path, $"Bearer {token.Text}");
        Assert.Equal(200, (int)response.StatusCode);
    }

    private static NodeContext Enabled(NodeContext context) => context with
    {
        Settings = context.Settings with { Web = context.Settings.Web with { EnableAdminApi = true } },
    };

    private static async Task<(int Status, string Body)> PostAsync(EndpointFixture node, string path)
    {
        using var response = await node.SendAsync(HttpMethod.Post, path);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
