using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Node.Clustering;
using ScrapeCluster.Tests.Configuration.Prometheus;

namespace ScrapeCluster.Tests.Node;

public sealed class ClusterWiringTests
{
    private static readonly ClusterSettings Settings = NodeSettings.Defaults().Cluster;

    [Fact]
    public void TermsOf_LeaseTtl_DerivesRenewalAndMargin()
    {
        var lease = ClusterWiring.TermsOf(Settings with { LeaseTtl = TimeSpan.FromSeconds(10) }, "id", new Uri("http://here:2/")).Lease;

        Assert.Equal(TimeSpan.FromSeconds(10), lease.TimeToLive);
        Assert.Equal(TimeSpan.FromSeconds(2), lease.Renewal);
        Assert.True(lease.Margin >= TimeSpan.FromSeconds(1) && lease.Margin < lease.TimeToLive);
    }

    [Fact]
    public void AddressOf_EveryInterface_IsTheMachine()
    {
        Assert.Equal("", ClusterWiring.AddressOf(Settings));
        Assert.True(DatabaseAddress.TryParse("Host=db", out var database));
        var cluster = Settings with { Database = database, ListenAddress = new ListenAddress("", 7) };
        Assert.Equal($"{Environment.MachineName}:7", ClusterWiring.AddressOf(cluster));
        Assert.Equal("10.0.0.1:7", ClusterWiring.AddressOf(cluster with { ListenAddress = new ListenAddress("10.0.0.1", 7) }));
        Assert.Equal("outside:8", ClusterWiring.AddressOf(cluster with { AdvertiseAddress = "outside:8" }));
    }

    [Fact]
    public void FaultsOf_UnknownWordOfTheDatabase_NamesIt()
    {
        Assert.True(DatabaseAddress.TryParse("Host=db;Pasword=geheim", out var database));

        var fault = Assert.Single(ClusterWiring.FaultsOf(Settings with { Database = database }));
        Assert.Contains("pasword", fault, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("geheim", fault, StringComparison.Ordinal);
        Assert.Empty(ClusterWiring.FaultsOf(Settings));
    }

    [Fact]
    public void SecretOf_File_IsReadWithoutTheLineEnd()
    {
        using var folder = new TempDirectory();
        var file = folder.Write("secret", "correct horse battery staple\n");

        Assert.Equal("correct horse battery staple", ClusterWiring.SecretOf(Settings with { SecretFile = file }, out var fault)?.Reveal());
        Assert.Null(fault);
    }

    [Fact]
    public void SecretOf_ShortOrAbsentFile_IsAFaultThatNamesIt()
    {
        using var folder = new TempDirectory();
        var file = folder.Write("secret", "open-sesame\n");

        Assert.Null(ClusterWiring.SecretOf(Settings with { SecretFile = file }, out var tooShort));
        Assert.Contains(file, tooShort, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", tooShort, StringComparison.Ordinal);
        Assert.Null(ClusterWiring.SecretOf(Settings with { SecretFile = "/nowhere/secret" }, out var absent));
        Assert.Contains("/nowhere/secret", absent, StringComparison.Ordinal);
    }
}
