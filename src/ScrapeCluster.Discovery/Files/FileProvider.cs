using Microsoft.Extensions.Logging;
using ScrapeCluster.Configuration;

namespace ScrapeCluster.Discovery.Files;

/// <summary>
/// Target groups from files: reads all of them at the start, after a change in one of their directories, and every refresh
/// interval. A file that cannot be read or parsed keeps its old groups; one that is gone clears them.
/// </summary>
internal sealed partial class FileProvider : ReceiveActor, IWithTimers
{
    /// <summary>Time for a writer to finish, and for the other files of one change, before the files are read.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(5);

    private readonly FileSdConfig _config;
    private readonly FileSources _known;
    private readonly DiscoveryMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DirectoryWatches _watches;
    private readonly HashSet<string> _warned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _timed = new(StringComparer.Ordinal);
    private bool _reading;
    private bool _readAgain;

    private FileProvider(FileSdConfig config, FileSources known, DiscoveryMetrics metrics, TimeProvider time, ILogger log)
    {
        _config = config;
        _known = known;
        _metrics = metrics;
        _time = time;
        _log = log;
        var self = Self;
        _watches = new DirectoryWatches(config.Files, () => self.Tell(Changed.Instance, self));

        Receive<Changed>(_ => ReadWhenSettled());
        Receive<ReadNow>(_ => Read());
        Receive<FilesRead>(Take);
        Receive<Status.Failure>(failure => throw failure.Cause);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(FileSdConfig config, DiscoveryMetrics metrics, TimeProvider time, ILogger log)
    {
        // Outlives a restart, as the groups at the parent do: the new instance must still clear what the old one had found.
        var known = new FileSources();
        return Actors.Props.Create(() => new FileProvider(config, known, metrics, time, log));
    }

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("refresh", ReadNow.Instance, _config.RefreshInterval);
        Read();
    }

    protected override void PostRestart(Exception reason)
    {
        Timers.StartPeriodicTimer("refresh", ReadNow.Instance, RestartDelay, _config.RefreshInterval);
    }

    protected override void PostStop()
    {
        _watches.Dispose();
        ShowTimes([]);
    }

    private void ReadWhenSettled()
    {
        if (!Timers.IsTimerActive("settle"))
        {
            Timers.StartSingleTimer("settle", ReadNow.Instance, SettleTime);
        }
    }

    private void Read()
    {
        if (_reading)
        {
            _readAgain = true;
            return;
        }

        _reading = true;
        _readAgain = false;
        Task.Run(() =>
        {
            // Watched before read: a change in between is then seen by one of the two.
            var faults = _watches.Ensure();
            var start = _time.GetTimestamp();
            var files = TargetGroupFiles.ReadAll(_config.Files);
            _metrics.FileScans.Observe(_time.GetElapsedTime(start).TotalSeconds);
            return new FilesRead(files, faults);
        }).PipeTo(Self, Self);
    }

    private void Take(FilesRead read)
    {
        _reading = false;
        foreach (var fault in read.WatchFaults)
        {
            _metrics.FileWatcherErrors.Inc();
            WarnOnce(fault.Directory, fault.Text, LogNotWatched);
        }

        foreach (var file in read.Files.Where(static file => file.Fault is not null))
        {
            _metrics.FileReadErrors.Inc();
            WarnOnce(file.Path, file.Fault!, LogNotRead);
        }

        ShowTimes(read.Files);
        _warned.RemoveWhere(text => !IsPresentFault(read, text));
        Context.Parent.Tell(new ProviderUpdate(_known.Update(read.Files), read.Files.All(static file => file.Fault is null)), Self);
        if (_readAgain)
        {
            Read();
        }
    }

    private void ShowTimes(IReadOnlyList<FileGroups> files)
    {
        foreach (var gone in _timed.Except(files.Select(static file => file.Path)).ToArray())
        {
            _timed.Remove(gone);
            _metrics.FileTimes.Remove(gone);
        }

        foreach (var file in files)
        {
            if (file.WrittenAt is { } writtenAt)
            {
                _timed.Add(file.Path);
                _metrics.FileTimes.With(file.Path).Set((writtenAt - DateTime.UnixEpoch).TotalSeconds);
            }
        }
    }

    /// <summary>The same fault is looked at again at every refresh; it is told when it is new.</summary>
    private void WarnOnce(string path, string fault, Action<string, string> warn)
    {
        if (_warned.Add(FaultKey(path, fault)))
        {
            warn(path, fault);
        }
    }

    private static bool IsPresentFault(FilesRead read, string key) =>
        read.Files.Any(file => file.Fault is { } fault && FaultKey(file.Path, fault) == key)
        || read.WatchFaults.Any(fault => FaultKey(fault.Directory, fault.Text) == key);

    private static string FaultKey(string path, string fault) => $"{path}\n{fault}";

    private sealed record FilesRead(IReadOnlyList<FileGroups> Files, IReadOnlyList<WatchFault> WatchFaults);

    private sealed class Changed
    {
        public static readonly Changed Instance = new();
    }

    private sealed class ReadNow
    {
        public static readonly ReadNow Instance = new();
    }
}
