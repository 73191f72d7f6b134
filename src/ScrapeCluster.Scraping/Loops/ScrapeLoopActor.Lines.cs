namespace ScrapeCluster.Scraping;

/// <summary>The series lines of the target, which go with it when it moves. Nothing here touches a scrape in flight.</summary>
internal sealed partial class ScrapeLoopActor
{
    // What comes while a scrape hangs: a hand-over that is repeated, and what was kept for the case of a crash.
    private const int MaxWaitingLines = 4;

    private readonly List<byte[]> _waitingLines = [];
    private bool _owesRelease;
    private bool _owesCollection;
    private bool _collectsAll;
    private long _collectedVersion;

    private void Adopt(byte[] lines)
    {
        _waitingLines.Add(lines);
        if (_waitingLines.Count > MaxWaitingLines)
        {
            _waitingLines.RemoveAt(0);
        }

        if (_state == State.Idle)
        {
            AdoptWaiting();
        }
    }

    private void AdoptWaiting()
    {
        foreach (var packed in _run is null ? [] : _waitingLines)
        {
            if (!SeriesLines.TryUnpack(packed, out var lines, out var fault))
            {
                LogLinesUnreadable(_run!.Target.Url, fault);
                continue;
            }

            _appender!.Adopt(lines);
        }

        _waitingLines.Clear();
    }

    private void Collect(bool all)
    {
        _owesCollection = true;
        _collectsAll |= all;
        if (_state == State.Idle)
        {
            AnswerCollection();
        }
    }

    private void AnswerCollection()
    {
        if (!_owesCollection)
        {
            return;
        }

        var isNew = _collectsAll || _appender?.LinesVersion != _collectedVersion;
        Context.Parent.Tell(new LoopCollected(targetHash, _orders, isNew ? PackLines() : null), Self);
        _collectedVersion = _appender?.LinesVersion ?? 0;
        _owesCollection = false;
        _collectsAll = false;
    }

    private void AnswerRelease()
    {
        if (_owesRelease)
        {
            _owesRelease = false;
            Context.Parent.Tell(new LoopReleased(targetHash, _orders, PackLines()), Self);
        }
    }

    private byte[]? PackLines() => _appender is { HasLines: true } appender ? appender.PackLines() : null;
}
