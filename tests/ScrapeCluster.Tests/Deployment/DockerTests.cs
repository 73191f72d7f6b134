using ScrapeCluster.Cli;
using ScrapeCluster.Configuration;
using ScrapeCluster.Tests.Architecture;

namespace ScrapeCluster.Tests.Deployment;

/// <summary>No container engine runs where the tests run: what the files say is compared with what the programs are.</summary>
public sealed class DockerTests
{
    private const int HttpPort = 9095;
    private const int PeerPort = 9096;

    private static readonly string[] Dockerfile = [.. File.ReadAllLines(RepositoryFiles.Path("Dockerfile")).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];

    [Fact]
    public void Dockerfile_IsMultiStageAndRunsAsAnOrdinaryUser()
    {
        Assert.Equal(2, Dockerfile.Count(line => line.StartsWith("FROM ", StringComparison.Ordinal)));
        var user = Array.FindIndex(Dockerfile, line => line.StartsWith("USER ", StringComparison.Ordinal));
        Assert.True(user > Array.FindLastIndex(Dockerfile, line => line.StartsWith("RUN ", StringComparison.Ordinal)), "the last user is an ordinary one");
        Assert.DoesNotContain("USER root", Dockerfile);
    }

    [Fact]
    public void Dockerfile_CopiesWhatTheBuildReads()
    {
        var copied = Dockerfile.Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..^1]).Select(path => path.TrimStart('.', '/')).ToHashSet();
        foreach (var name in (string[])["global.json", "Directory.Build.props", "Directory.Packages.props", "src", "hocon"])
        {
            Assert.Contains(name, copied);
            Assert.True(Path.Exists(RepositoryFiles.Path(name)), name);
        }
    }

    [Fact]
    public void Dockerfile_StartsThePublishedProgramsOnTheirPorts()
    {
        Assert.Contains("""ENTRYPOINT ["/app/ScrapeCluster.Node"]""", Dockerfile);
        Assert.Equal("ScrapeCluster.Node", typeof(ScrapeCluster.Node.Hosting.NodeProgram).Assembly.GetName().Name);
        Assert.Contains($"EXPOSE {HttpPort} {PeerPort}", Dockerfile);
        var variables = Dockerfile.Where(line => line.Contains("SCRAPECLUSTER_", StringComparison.Ordinal)).Select(line => line[line.IndexOf("SCRAPECLUSTER_", StringComparison.Ordinal)..].TrimEnd('\\', ' ')).ToList();
        NodeCommandLine.AssertVariablesAreKnown(variables.Select(variable => variable.Split('=')[0]));
        Assert.Contains($"SCRAPECLUSTER_WEB_LISTEN_ADDRESS=:{HttpPort}", variables);
        Assert.Contains($"SCRAPECLUSTER_CLUSTER_LISTEN_ADDRESS=:{PeerPort}", variables);
    }

    [Fact]
    public void Dockerfile_HealthCheck_IsACommandOfScrapectl()
    {
        var command = Dockerfile.Single(line => line.StartsWith("CMD ", StringComparison.Ordinal));
        var words = command["CMD [".Length..^1].Split(',').Select(word => word.Trim().Trim('"')).ToArray();
        Assert.Equal(("scrapectl", "http://127.0.0.1:9095"), (words[0], words[^1]));

        // Nobody listens on this port: the command is understood, and says so.
        var output = new StringWriter();
        Assert.Equal(ExitCodes.Faults, CommandTree.Run([.. words[1..^1], "http://127.0.0.1:1"], Stream.Null, output, output));
        Assert.Contains("does not answer", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Compose_HasThreeNodesADatabaseAndTwoExporters()
    {
        var services = YamlFile.Documents("docker-compose.yml")[0].Map("services");
        Assert.Equal(["database", "node-exporter", "node1", "node2", "node3", "postgres-exporter"], services.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Compose_Nodes_AreGivenWhatTheNodeKnows()
    {
        foreach (var (name, node) in Nodes())
        {
            var arguments = node.Texts("command");
            NodeCommandLine.AssertFlagsAreKnown(arguments);
            NodeCommandLine.AssertVariablesAreKnown(node.Map("environment").Keys);
            Assert.Contains($"--cluster.node-name={name}", arguments);
            Assert.Contains($"--cluster.advertise-address={name}:{PeerPort}", arguments);
            Assert.EndsWith($":{HttpPort}", node.Text("ports", 0), StringComparison.Ordinal);
            Assert.StartsWith("127.0.0.1:", node.Text("ports", 0), StringComparison.Ordinal);
            Assert.Equal("150s", node.Text("stop_grace_period"));
            Assert.Equal("service_healthy", node.Text("depends_on", "database", "condition"));
        }
    }

    [Fact]
    public void Compose_Configuration_IsAccepted()
    {
        var file = YamlFile.Documents("docker-compose.yml")[0];
        var result = PrometheusConfigFile.Parse(file.Text("configs", "prometheus", "content"), "docker-compose.yml");
        Assert.True(result.TryGet(out var config), result.FaultText());
        Assert.Equal(["scrapecluster", "node", "postgres"], config.ScrapeConfigs.Select(job => job.JobName));
        Assert.Contains(Nodes(), node => node.Value.Text("configs", 0, "target") == "/etc/scrapecluster/prometheus.yml");
    }

    /// <summary>Secrets come from outside: none is written in the file.</summary>
    [Fact]
    public void Compose_HasNoSecretOfItsOwn()
    {
        var lines = File.ReadAllLines(RepositoryFiles.Path("docker-compose.yml")).Where(line => !line.TrimStart().StartsWith('#'));
        foreach (var line in lines.Where(line => line.Contains("SECRET", StringComparison.Ordinal) || line.Contains("PASSWORD", StringComparison.Ordinal)))
        {
            Assert.Contains("${", line, StringComparison.Ordinal);
            Assert.Contains(":?", line, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<KeyValuePair<string, YamlDotNet.RepresentationModel.YamlNode>> Nodes() => YamlFile.Documents("docker-compose.yml")[0].Map("services")
        .Where(service => service.Key.StartsWith("node", StringComparison.Ordinal) && service.Key != "node-exporter");
}
