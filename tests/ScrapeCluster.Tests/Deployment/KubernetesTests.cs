using ScrapeCluster.Cli;
using ScrapeCluster.Configuration;
using ScrapeCluster.Tests.Architecture;
using ScrapeCluster.Tests.Configuration.Prometheus;
using YamlDotNet.RepresentationModel;
using YamlNode = YamlDotNet.RepresentationModel.YamlNode;

namespace ScrapeCluster.Tests.Deployment;

public sealed class KubernetesTests
{
    private static readonly YamlMappingNode StatefulSet = YamlFile.Of("StatefulSet", "k8s", "statefulset.yaml");
    private static readonly YamlNode Pod = StatefulSet.At("spec", "template", "spec");
    private static readonly YamlNode Container = Pod.At("containers", 0);

    [Fact]
    public void Kustomization_NamesEveryOtherFile()
    {
        var named = YamlFile.Documents("k8s", "kustomization.yaml")[0].Texts("resources");
        var there = Directory.EnumerateFiles(RepositoryFiles.Path("k8s"), "*.yaml").Select(file => Path.GetFileName(file)!).Where(name => name != "kustomization.yaml");
        Assert.Equal(there.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Node_IsGivenWhatItKnows()
    {
        var arguments = Container.Texts("args");
        NodeCommandLine.AssertFlagsAreKnown(arguments);
        NodeCommandLine.AssertVariablesAreKnown(Container.List("env").Select(variable => variable.Text("name")));
        Assert.Contains("--cluster.node-name=$(POD_NAME)", arguments);
        Assert.Contains("metadata.name", Container.List("env").Where(variable => variable.Text("name") == "POD_NAME").Select(variable => variable.Text("valueFrom", "fieldRef", "fieldPath")));
    }

    [Fact]
    public void Ports_AreThoseOfTheFlagsAndOfTheServices()
    {
        var arguments = Container.Texts("args");
        var ports = Container.List("ports").ToDictionary(port => port.Text("name"), port => port.Text("containerPort"), StringComparer.Ordinal);
        Assert.Equal($"{NodeCommandLine.PortOf(arguments, "web.listen-address", 9095)}", ports["http"]);
        Assert.Equal($"{NodeCommandLine.PortOf(arguments, "cluster.listen-address", 9096)}", ports["peers"]);
        Assert.Equal($"{NodeCommandLine.PortOf(arguments, "cluster.advertise-address", 0)}", ports["peers"]);
        foreach (var service in YamlFile.Documents("k8s", "service.yaml"))
        {
            Assert.All(service.List("spec", "ports"), port => Assert.Equal(ports[port.Text("targetPort")], port.Text("port")));
        }
    }

    [Fact]
    public void Peers_HaveNamesFromTheHeadlessService_BeforeTheyAreReady()
    {
        var headless = YamlFile.Documents("k8s", "service.yaml").Single(service => service.Map("spec").ContainsKey("clusterIP"));
        Assert.Equal(("None", "true"), (headless.Text("spec", "clusterIP"), headless.Text("spec", "publishNotReadyAddresses")));
        Assert.Equal(headless.Text("metadata", "name"), StatefulSet.Text("spec", "serviceName"));
        Assert.Contains($"--cluster.advertise-address=$(POD_NAME).{headless.Text("metadata", "name")}:9096", Container.Texts("args"));
    }

    [Fact]
    public void Probes_AskPathsOfTheNode()
    {
        Assert.Equal("/-/healthy", Container.Text("livenessProbe", "httpGet", "path"));
        Assert.Equal("/-/healthy", Container.Text("startupProbe", "httpGet", "path"));
        Assert.Equal("/-/ready", Container.Text("readinessProbe", "httpGet", "path"));
    }

    [Fact]
    public void Stop_LeavesFirst_AndHasTimeForIt()
    {
        var words = Container.Texts("lifecycle", "preStop", "exec", "command").ToList();
        Assert.Equal(["scrapectl", "cluster", "leave"], words.Take(3));

        // Here there is neither the secret's file nor a node: with both in its reach the command is understood, and says that nobody answers.
        using var folder = new TempDirectory();
        var secret = folder.Write("cluster-secret", "0123456789abcdef0123456789abcdef");
        var output = new StringWriter();
        var here = words.Skip(1).Select(word => word.StartsWith("--secret-file=", StringComparison.Ordinal) ? $"--secret-file={secret}" : word.Replace(":9095", ":1", StringComparison.Ordinal));
        Assert.Equal(ExitCodes.Unreachable, CommandTree.Run([.. here], Stream.Null, output, output));

        // drain-timeout and flush-deadline are a minute each.
        Assert.True(int.Parse(Pod.Text("terminationGracePeriodSeconds"), System.Globalization.CultureInfo.InvariantCulture) > 120);
        Assert.Equal("1", YamlFile.Of("PodDisruptionBudget", "k8s", "poddisruptionbudget.yaml").Text("spec", "maxUnavailable"));
    }

    [Fact]
    public void Node_RunsAsAnOrdinaryUserAndWritesOnlyWhereVolumesAre()
    {
        Assert.Equal("true", Pod.Text("securityContext", "runAsNonRoot"));
        Assert.Equal("true", Container.Text("securityContext", "readOnlyRootFilesystem"));
        var mounted = Container.List("volumeMounts").Select(mount => mount.Text("mountPath")).ToList();
        Assert.Contains("/data", mounted);
        Assert.Contains("--storage.path=/data", Container.Texts("args"));
        var volumes = Pod.List("volumes").Concat(StatefulSet.List("spec", "volumeClaimTemplates").Select(claim => claim.At("metadata"))).Select(volume => volume.Text("name"));
        Assert.Equal(Container.List("volumeMounts").Select(mount => mount.Text("name")).Order(StringComparer.Ordinal), volumes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Secret_Example_IsRefusedByTheNode()
    {
        var secret = YamlFile.Of("Secret", "k8s", "secret.yaml");
        Assert.True(secret.Text("stringData", "cluster-secret").Length < 16, "an example that works would be used");
        Assert.Equal("cluster-secret", Pod.List("volumes").Single(volume => volume.Text("name") == "secret").Text("secret", "items", 0, "key"));
        Assert.Contains(Container.List("env"), variable => variable.Map().ContainsKey("valueFrom")
            && variable.Map("valueFrom").ContainsKey("secretKeyRef") && secret.Map("stringData").ContainsKey(variable.Text("valueFrom", "secretKeyRef", "key")));
    }

    [Fact]
    public void Configuration_IsAccepted_AndNamesEveryPod()
    {
        var map = YamlFile.Of("ConfigMap", "k8s", "configmap.yaml");
        var result = PrometheusConfigFile.Parse(map.Text("data", "prometheus.yml"), "configmap.yaml");
        Assert.True(result.TryGet(out var config), result.FaultText());
        Assert.Single(config.ScrapeConfigs);
        Assert.Equal(StatefulSet.Text("metadata", "name"), map.Text("metadata", "name"));
    }
}
