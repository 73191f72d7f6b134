namespace ScrapeCluster.Discovery.Files;

internal sealed record WatchFault(string Directory, string Text);

/// <summary>
/// Watches the directories of patterns; whole directories, since a file may be replaced by renaming, or by turning a symbolic
/// link of which the file's path knows nothing (a mounted ConfigMap). Disposal may come while watches are made.
/// </summary>
internal sealed class DirectoryWatches(IReadOnlyList<string> patterns, Action changed) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <summary>Makes the watches that are missing or broken. A directory that cannot be watched is answered, and tried again next time.</summary>
    public List<WatchFault> Ensure()
    {
        var faults = new List<WatchFault>();
        lock (_lock)
        {
            foreach (var directory in patterns.Select(DirectoryOf).Distinct(StringComparer.Ordinal))
            {
                if (!_disposed && !_watchers.ContainsKey(directory) && Watch(directory) is { } fault)
                {
                    faults.Add(fault);
                }
            }
        }

        return faults;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var watcher in _watchers.Values)
            {
                watcher.Dispose();
            }

            _watchers.Clear();
        }
    }

    private static string DirectoryOf(string pattern)
    {
        var directory = Path.GetDirectoryName(pattern);
        return string.IsNullOrEmpty(directory) ? "." : directory;
    }

    private WatchFault? Watch(string directory)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory)
            {
                // Not the attributes: a changed mode or access time is no change of targets.
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            watcher.Error += (_, _) => Broke(directory);
            watcher.EnableRaisingEvents = true;
            _watchers.Add(directory, watcher);
            return null;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // Also when the system's limit of watches is reached (fs.inotify.max_user_instances).
            watcher?.Dispose();
            return new WatchFault(directory, e.Message);
        }
    }

    /// <summary>Events were lost, or the directory is gone: read all, and watch anew.</summary>
    private void Broke(string directory)
    {
        lock (_lock)
        {
            if (_watchers.Remove(directory, out var watcher))
            {
                watcher.Dispose();
            }
        }

        changed();
    }
}
