using ScrapeCluster.SystemTests.Harness;

namespace ScrapeCluster.SystemTests.Cluster.Rig;

/// <summary>A member of a test's cluster: one name and one data directory, with one process after the other.</summary>
internal sealed class ClusterNode(string name, string address, string dataFolder, Func<IReadOnlyDictionary<string, string>, IReadOnlyList<string>, NodeProcess> start)
    : IAsyncDisposable
{
    private static readonly IReadOnlyDictionary<string, string> NoEnvironment = new Dictionary<string, string>();
    private NodeProcess? _process;
    private bool _isPaused;

    public string Name => name;

    /// <summary>Where targets see its scrapes come from.</summary>
    public string Address => address;

    public string DataFolder => dataFolder;

    public bool IsRunning => _process is { HasExited: false };

    public NodeProcess Process => _process ?? throw new InvalidOperationException($"{name} was never started");

    public void Start(IReadOnlyDictionary<string, string>? environment = null, params string[] arguments)
    {
        Assert.False(IsRunning, $"{name} runs already");
        _process = start(environment ?? NoEnvironment, arguments);
    }

    public Task KillAsync() => Process.KillAsync();

    public void Pause()
    {
        _isPaused = true;
        Process.Pause();
    }

    public void Continue()
    {
        if (_isPaused)
        {
            _isPaused = false;
            Process.Continue();
        }
    }

    /// <summary>It wrote a warning or an error with this word.</summary>
    public bool Complains(string of)
    {
        return Process.Output.Split('\n').Any(line =>
            (line.Contains("level=WARN", StringComparison.Ordinal) || line.Contains("level=ERROR", StringComparison.Ordinal)) && line.Contains(of, StringComparison.Ordinal));
    }

    /// <summary>The end of its output, for messages.</summary>
    public string Tail()
    {
        var lines = _process?.Output.Split('\n') ?? [];
        return $"--- {name}{(IsRunning ? "" : " (ended)")}:\n{string.Join('\n', lines.TakeLast(25))}";
    }

    /// <summary>A test may end a stranger before the cluster ends all of its nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            Continue();
            await _process.DisposeAsync();
            _process = null;
        }
    }
}
