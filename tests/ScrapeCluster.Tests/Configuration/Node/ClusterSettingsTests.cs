using ScrapeCluster.Configuration.Node;

namespace ScrapeCluster.Tests.Configuration.Node;

public sealed class ClusterSettingsTests
{
    private const string Password = "open-sesame";
    private const string Secret = "correct horse battery staple";

    [Fact]
    public void Load_WithoutAnything_IsANodeAlone()
    {
        var cluster = Load().Settings.Cluster;

        Assert.Null(cluster.Database);
        Assert.Null(cluster.Secret);
        Assert.Equal(Environment.MachineName, cluster.NodeName);
        Assert.Equal(1, cluster.Replicas);
    }

    [Fact]
    public void Load_FlagsAndVariable_AreTaken()
    {
        var start = Load(
            ["--cluster.database=postgres://u@db/d", "--cluster.node-name=n1", "--cluster.listen-address=:9096", "--cluster.zone=a", "--cluster.replicas=2"],
            ("SCRAPECLUSTER_CLUSTER_SECRET", Secret));

        Assert.Empty(start.Faults);
        Assert.Equal("n1", start.Settings.Cluster.NodeName);
        Assert.Equal(new ListenAddress("", 9096), start.Settings.Cluster.ListenAddress);
        Assert.Equal(Secret, start.Settings.Cluster.Secret!.Reveal());
        Assert.Equal(2, start.Settings.Cluster.Replicas);
    }

    [Fact]
    public void Load_DatabaseWithoutSecret_IsAFaultThatNamesBothWays()
    {
        var fault = Assert.Single(Load(["--cluster.database=Host=db"]).Faults);

        Assert.Contains("scrapecluster.cluster.secret", fault, StringComparison.Ordinal);
        Assert.Contains("scrapecluster.cluster.secret-file", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ShortSecret_IsAFaultThatDoesNotRepeatIt()
    {
        var fault = Assert.Single(Load(["--cluster.database=Host=db"], ("SCRAPECLUSTER_CLUSTER_SECRET", Password)).Faults);

        Assert.Contains("at least 16", fault, StringComparison.Ordinal);
        Assert.Contains("SCRAPECLUSTER_CLUSTER_SECRET", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData($"--cluster.database=postgres://u:{Password}@@@/")]
    [InlineData($"--cluster.database=Password={Password}")]
    [InlineData($"--cluster.database=Host=db;Password='{Password}")]
    public void Load_UnreadableDatabase_IsAFaultThatDoesNotRepeatIt(string flag)
    {
        var fault = Assert.Single(Load([flag], ("SCRAPECLUSTER_CLUSTER_SECRET", Secret)).Faults);

        Assert.Contains("scrapecluster.cluster.database (set by --cluster.database)", fault, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FlagTwice_DoesNotRepeatThePassword()
    {
        var start = Load([$"--cluster.database=postgres://u:{Password}@db/d", $"--cluster.database=postgres://u:{Password}@other/d"], ("SCRAPECLUSTER_CLUSTER_SECRET", Secret));

        Assert.DoesNotContain(Password, Assert.Single(start.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void EffectiveFlags_ShowTheDatabaseWithoutItsPassword()
    {
        var start = Load([$"--cluster.database=postgres://u:{Password}@db:5433/d"], ("SCRAPECLUSTER_CLUSTER_SECRET", Secret));

        Assert.Contains("db", start.EffectiveFlags["cluster.database"], StringComparison.Ordinal);
        Assert.All(start.EffectiveFlags.Values, value => Assert.DoesNotContain(Password, value, StringComparison.Ordinal));
        Assert.All(start.EffectiveFlags.Values, value => Assert.DoesNotContain(Secret, value, StringComparison.Ordinal));
        Assert.DoesNotContain(Password, start.Settings.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, start.Settings.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node-1")]
    [InlineData("http://node-1:9096")]
    [InlineData("node-1:9096/path")]
    [InlineData(":9096")]
    public void Load_AdvertiseAddressThatIsNone_IsAFault(string address)
    {
        Assert.Contains("host:port", Assert.Single(Load([$"--cluster.advertise-address={address}"]).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SecretTwice_IsAFault()
    {
        var start = Load(["--cluster.database=Host=db", "--cluster.secret-file=/run/secret"], ("SCRAPECLUSTER_CLUSTER_SECRET", Secret));

        Assert.Contains("give one of them", Assert.Single(start.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void DatabaseAddress_Url_IsReadAsLibpqReadsIt()
    {
        Assert.True(DatabaseAddress.TryParse("postgresql://me:p%40ss%3Bword@[::1]:5433/my%20db?sslmode=require", out var address));

        Assert.True(DatabaseAddress.TryParse("Host=::1;Port=5433;Username=me;Password=\"p@ss;word\";Database=my db;SSL Mode=require", out var written));
        Assert.Equal(written, address);
        Assert.DoesNotContain("p@ss", address.ToString(), StringComparison.Ordinal);
    }

    private static NodeConfiguration Load(string[]? args = null, params (string Name, string Value)[] environment) =>
        NodeConfiguration.Load(args ?? [], name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
