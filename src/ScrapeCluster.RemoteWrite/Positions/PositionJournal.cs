using Microsoft.Extensions.Logging;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>
/// The positions of one queue, in memory and in its file, from the queue's start to its removal from the configuration, over all reloads and failures.
/// A file that cannot be written stops nobody: it is told once and tried again. Any thread; whoever writes shows the <see cref="ShardPositions"/>
/// that it was started with, and is not heard any more once others have begun.
/// </summary>
internal sealed partial class PositionJournal : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly Lock _guard = new();
    private readonly OwedPart _owed;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly WriteAt _write;
    private string _queue;
    private string _path;
    private UInt128 _urlHash;
    private ulong _generation;
    private ShardPositions _current;

    /// <summary>Behind a damaged file the first samples of every shard may be repeats.</summary>
    private readonly SamplePosition _unsureUntil;

    /// <summary>Null while it could not be made.</summary>
    private PositionFile? _file;

    /// <summary>What stands in the file.</summary>
    private SamplePosition[] _written = [];
    private bool[] _isUnwritten = [];
    private bool _isFailing;
    private bool _isClosed;
    private long _retryAt;

    /// <param name="start">What <paramref name="read"/> means for the queue.</param>
    /// <param name="read">What is in the file of the path, or null.</param>
    public PositionJournal(
        string queue, string url, string path, QueueStart start, PositionsRead? read, OwedLog owed, ILogger logger, TimeProvider time, WriteAt? write = null)
    {
        _queue = queue;
        _path = path;
        _urlHash = PositionFormat.HashUrl(url);
        _generation = read?.Header?.Generation ?? 0;
        _logger = logger;
        _time = time;
        _write = write ?? RandomAccess.Write;
        foreach (var fault in start.Faults)
        {
            LogFault(path, queue, fault);
        }

        _current = new ShardPositions([.. start.Shards.Select(shard => shard.Position)]);
        _unsureUntil = read?.Damages.Count > 0 ? start.Shards.Max(shard => shard.RepeatsUntil) : default;
        _owed = owed.Add(queue, _current.Lowest.Record);
        Try(() => OpenFile(start, read));
    }

    public string Path
    {
        get
        {
            lock (_guard)
            {
                return _path;
            }
        }
    }

    /// <summary>Everything before this is answered for.</summary>
    public SamplePosition Lowest
    {
        get
        {
            lock (_guard)
            {
                return _current.Lowest;
            }
        }
    }

    /// <summary>For a queue that begins: from now on nobody else is heard.</summary>
    public (ShardPositions Positions, ShardStart[] Starts) StartOver()
    {
        lock (_guard)
        {
            _current = new ShardPositions(_current.Shards);
            var starts = new ShardStart[_current.Count];
            for (var i = 0; i < starts.Length; i++)
            {
                starts[i] = new ShardStart(_current[i], SamplePosition.Max(_current[i].RequestEnd, _unsureUntil));
            }

            return (_current, starts);
        }
    }

    /// <summary>Before a request is sent. False when it must not be: others have begun, and it is theirs to send.</summary>
    public bool TryBegin(ShardPositions holder, int shard, SamplePosition end)
    {
        lock (_guard)
        {
            if (!IsHeard(holder))
            {
                return false;
            }

            holder.Begin(shard, end);
            Write(shard);
            return true;
        }
    }

    /// <summary>After its answer, or where the shard has nothing.</summary>
    public void Acknowledge(ShardPositions holder, int shard, SamplePosition end)
    {
        lock (_guard)
        {
            if (IsHeard(holder) && (end > holder[shard].Acknowledged || holder[shard].HasRequest))
            {
                holder.Acknowledge(shard, end);
                Write(shard);
                TellOwed();
            }
        }
    }

    /// <summary>Another number of shards, none of which has anything on its way; null when the file for them could not be made, then all stays as it is.</summary>
    public ShardPositions? TryReshard(ShardPositions holder, int count, SamplePosition position)
    {
        lock (_guard)
        {
            var next = ShardPositions.AllAt(SamplePosition.Max(position, _current.Lowest), count);
            if (!IsHeard(holder) || (_file is not null && !Try(() => Create(next))))
            {
                return null;
            }

            _current = next;
            if (_file is null)
            {
                // There was none to begin with: its making is tried again.
                _isUnwritten = new bool[count];
            }

            TellOwed();
            return next;
        }
    }

    /// <summary>Tries again what could not be written; cheap when there is nothing.</summary>
    public void CatchUp()
    {
        lock (_guard)
        {
            if (!_isFailing || _isClosed || _time.GetTimestamp() < _retryAt)
            {
                return;
            }

            var isDone = _file is null ? Try(() => Create(_current)) : Try(WriteUnwritten);
            if (isDone)
            {
                _isFailing = false;
                LogWritesAgain(_path);
            }

            TellOwed();
        }
    }

    /// <summary>The queue goes on under another name or to another URL.</summary>
    public void Rename(string queue, string url, string path)
    {
        lock (_guard)
        {
            var urlHash = PositionFormat.HashUrl(url);
            var isSame = urlHash == _urlHash && string.Equals(path, _path, StringComparison.Ordinal);
            (_queue, _urlHash) = (queue, urlHash);
            if (isSame)
            {
                return;
            }

            var old = _path;
            _path = path;
            if (!string.Equals(old, path, StringComparison.Ordinal) && _file is not null)
            {
                Try(() => File.Move(old, path, overwrite: true));
            }

            if (_file is not null && _file.Header.UrlHash != urlHash)
            {
                Try(() => Create(_current));
            }
        }
    }

    /// <summary>The queue is not in the configuration any more: nothing is owed.</summary>
    public void Remove()
    {
        Dispose();
        _owed.Dispose();
        Try(() => File.Delete(_path));
    }

    /// <summary>From now on nothing is written; what is owed stays owed.</summary>
    public void Dispose()
    {
        lock (_guard)
        {
            _isClosed = true;
            _file?.Dispose();
        }
    }

    private bool IsHeard(ShardPositions holder) => !_isClosed && ReferenceEquals(holder, _current);

    private void OpenFile(QueueStart start, PositionsRead? read)
    {
        var isAsItWas = read is { Damages.Count: 0, Header: { } header } && header.UrlHash == _urlHash && start.Faults.Count == 0 && File.Exists(_path);
        if (!isAsItWas)
        {
            Create(_current);
            return;
        }

        _file = PositionFile.Open(_path, read!, _write);
        NoteWritten(_current);
    }

    private void Create(ShardPositions positions)
    {
        var header = new PositionHeader(_generation + 1, positions.Count, _urlHash, positions.Lowest);
        var file = PositionFile.Create(_path, header, positions.Shards, _write);
        _file?.Dispose();
        _file = file;
        _generation++;
        NoteWritten(positions);
    }

    private void NoteWritten(ShardPositions positions)
    {
        _isUnwritten = new bool[positions.Count];
        _written = new SamplePosition[positions.Count];
        for (var shard = 0; shard < positions.Count; shard++)
        {
            _written[shard] = positions[shard].Acknowledged;
        }
    }

    private void Write(int shard)
    {
        if (_file is null)
        {
            CatchUp();
            return;
        }

        try
        {
            _file.Write(shard, _current[shard]);
            _isUnwritten[shard] = false;
            _written[shard] = _current[shard].Acknowledged;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _isUnwritten[shard] = true;
            Failed(failure);
        }
    }

    private void WriteUnwritten()
    {
        for (var shard = 0; shard < _isUnwritten.Length; shard++)
        {
            if (_isUnwritten[shard])
            {
                _file!.Write(shard, _current[shard]);
                _isUnwritten[shard] = false;
                _written[shard] = _current[shard].Acknowledged;
            }
        }
    }

    /// <summary>Owed is what a restart would begin with, so what stands in the file; without one what is known.</summary>
    private void TellOwed()
    {
        var lowest = _current.Lowest;
        if (_file is not null)
        {
            foreach (ref readonly var written in _written.AsSpan())
            {
                lowest = SamplePosition.Min(lowest, written);
            }
        }

        _owed.Position = lowest.Record;
    }

    private bool Try(Action change)
    {
        try
        {
            change();
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Failed(failure);
            return false;
        }
    }

    private void Failed(Exception failure)
    {
        _retryAt = _time.GetTimestamp() + (long)(RetryDelay.TotalSeconds * _time.TimestampFrequency);
        if (!_isFailing)
        {
            _isFailing = true;
            LogCannotWrite(_path, _queue, failure.Message);
        }
    }

    [LoggerMessage(5030, LogLevel.Error, "Position file {File} of remote write queue {Queue}: {Fault}")]
    private partial void LogFault(string file, string queue, string fault);

    [LoggerMessage(5031, LogLevel.Error,
        "Position file {File} of remote write queue {Queue} cannot be written: sending goes on, but a restart now would repeat what was sent. Free space or correct the folder's rights: {Reason}")]
    private partial void LogCannotWrite(string file, string queue, string reason);

    [LoggerMessage(5032, LogLevel.Information, "Position file {File} is written again")]
    private partial void LogWritesAgain(string file);
}
