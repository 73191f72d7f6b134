namespace ScrapeCluster.SystemTests.Harness;

/// <summary>A node as users start it: the built program in a process of its own.</summary>
internal sealed class NodeProcess : HttpPeer
{
    private NodeProcess(int port, IEnumerable<string> arguments, string? workingFolder, IReadOnlyDictionary<string, string>? environment = null)
        : base("dotnet", [Repository.NodeDll, .. arguments], port, workingFolder, environment)
    {
    }

    private NodeProcess(IReadOnlyList<string> command, string host, int port, IReadOnlyDictionary<string, string> environment)
        : base(command[0], command.Skip(1), port, null, environment, host)
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

    /// <summary>Starts where a command before the program puts it, such as a network namespace, with exactly these arguments.</summary>
    public static NodeProcess StartBehind(
        IReadOnlyList<string> before, string host, int port, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        return new NodeProcess([.. before, "dotnet", Repository.NodeDll, .. arguments], host, port, environment);
    }

    /// <summary>Starts with exactly these arguments.</summary>
    public static NodeProcess StartBare(int port, string workingFolder, params string[] arguments) => new(port, arguments, workingFolder);
}
