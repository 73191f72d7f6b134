namespace ScrapeCluster.SystemTests.Harness;

/// <summary>A node as users start it: the built program in a process of its own.</summary>
internal sealed class NodeProcess : HttpPeer
{
    private NodeProcess(int port, IEnumerable<string> arguments, string? workingFolder, IReadOnlyDictionary<string, string>? environment = null)
        : base("dotnet", [Repository.NodeDll, .. arguments], port, workingFolder, environment)
    {
    }

    public static NodeProcess Start(string configFile, string dataFolder, int? port = null, params string[] more)
    {
        return StartWith(new Dictionary<string, string>(), configFile, dataFolder, port, more);
    }

    public static NodeProcess StartWith(IReadOnlyDictionary<string, string> environment, string configFile, string dataFolder, int? port = null, params string[] more)
    {
        var chosen = port ?? Ports.Free();
        return new NodeProcess(chosen,
            [$"--config.file={configFile}", $"--storage.path={dataFolder}", $"--web.listen-address=127.0.0.1:{chosen}", .. more], null, environment);
    }

    /// <summary>Starts with exactly these arguments.</summary>
    public static NodeProcess StartBare(int port, string workingFolder, params string[] arguments) => new(port, arguments, workingFolder);
}
