namespace ScrapeCluster.Scraping;

/// <summary>The failure logs of a node, one a file, shared by all loops that name it.</summary>
internal sealed class ScrapeFailureLogs
{
    private readonly Lock _changing = new();
    private readonly Dictionary<string, ScrapeFailureLog> _logs = new(StringComparer.Ordinal);

    /// <summary>Opens these files anew and closes all others; answers with what is wrong with them.</summary>
    public IReadOnlyList<string> Reopen(IEnumerable<string> paths)
    {
        var wanted = paths.Where(static path => path.Length > 0).ToHashSet(StringComparer.Ordinal);
        var faults = new List<string>();
        lock (_changing)
        {
            foreach (var (path, log) in _logs)
            {
                if (!wanted.Contains(path))
                {
                    log.Dispose();
                }
            }

            foreach (var path in wanted)
            {
                if (Of(path).Reopen() is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }

        return faults;
    }

    /// <summary>Null for no file.</summary>
    public ScrapeFailureLog? For(string path)
    {
        lock (_changing)
        {
            return path.Length == 0 ? null : Of(path);
        }
    }

    private ScrapeFailureLog Of(string path)
    {
        if (!_logs.TryGetValue(path, out var log))
        {
            _logs[path] = log = new ScrapeFailureLog(path);
        }

        return log;
    }
}
