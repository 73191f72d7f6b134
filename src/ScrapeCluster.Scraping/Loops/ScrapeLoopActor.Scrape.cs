using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>One scrape, from its tick to its report.</summary>
internal sealed partial class ScrapeLoopActor
{
    // The scrape itself, what is sent again with labels, and the markers of what that refused.
    private const int MaxBatchesOfScrape = 3;

    private void Tick()
    {
        var due = _due;
        var now = _node.Time.GetUtcNow();
        PlanTick(_schedule.Next(due, now), now);
        if (_run is null)
        {
            return;
        }

        if (_state == State.Appending && _node.Time.GetElapsedTime(_startStamp) > StorageWait)
        {
            LogStorageSilent(_run.Target.Url, StorageWait);
            Finish("storage did not answer");
            if (_run is null)
            {
                return;
            }
        }

        if (!_window.Owns(due))
        {
            // Another node's scrape.
            return;
        }

        Begin();

        if (_state != State.Idle)
        {
            context.Metrics.MissedBusy.Inc();
            Miss();
            return;
        }

        var bytes = (_lastBodyBytes > 0 ? _lastBodyBytes : FirstGuessBytes) + _appender!.NextBatchBytes;
        if (!_node.Budget.TryTake(bytes))
        {
            context.Metrics.MissedBudget.Inc();
            Miss();
            return;
        }

        _reservedBytes = bytes;
        Start(due, now);
    }

    /// <summary>Three intervals, but not for the short ones.</summary>
    private TimeSpan StorageWait => _schedule.Interval * 3 > LongestStorageWait ? _schedule.Interval * 3 : LongestStorageWait;

    private void Miss()
    {
        _missedTicks++;
        _run!.Cell.Report(_run.Cell.LastReport with { MissedTicks = _missedTicks });
    }

    private void Start(DateTimeOffset due, DateTimeOffset now)
    {
        _state = State.Fetching;
        _start = now;
        _startDue = due;
        _startStamp = _node.Time.GetTimestamp();
        _timestampMs = _node.AdjustTimestamps ? _schedule.TimestampMs(due, now, _node.TimestampTolerance) : now.ToUnixTimeMilliseconds();
        if (_lastStart is { } last && now > last)
        {
            _intervalLength?.Observe((now - last).TotalSeconds);
        }

        _lastStart = now;
        if (_run!.ForcedFault is { } fault)
        {
            Append(FetchResult.Failed(fault));
        }
        else
        {
            // From ourselves: a stop ends this actor before the fetch that it cuts off, and then the page is nobody's loss.
            _run.Fetcher.FetchAsync(_lastBodyBytes, _node.Shutdown).PipeTo(Self, Self);
        }
    }

    private void Append(FetchResult page)
    {
        // A scrape that the shutdown cut off says nothing about its target: no up 0, no markers.
        if (_state != State.Fetching || _halted || (page.Fault is not null && _node.Shutdown.IsCancellationRequested))
        {
            GiveBack(page);
            return;
        }

        if (page.Length > _lastBodyBytes)
        {
            _node.Budget.TakeMore(page.Length - _lastBodyBytes);
            _reservedBytes += page.Length - _lastBodyBytes;
        }

        var batch = _node.Batches.Rent();
        try
        {
            var body = page.Buffer.AsSpan(0, page.Length);
            _outcome = _appender!.Append(
                new ScrapedPage(body, page.ContentType, _run!.Target.Timeout, page.Fault, page.BodyLimitExceeded), batch, _timestampMs, _start, _elapsed ??= Elapsed);
        }
        finally
        {
            GiveBack(page);
        }

        // An empty page says nothing about the size of the next one.
        _lastBodyBytes = page.Length > 0 ? page.Length : _lastBodyBytes;
        context.Metrics.Read(_outcome, page.BodyLimitExceeded);
        _batchesOfScrape = 0;
        Send(batch);
    }

    private TimeSpan Elapsed() => _node.Time.GetElapsedTime(_startStamp);

    private void GiveBack(FetchResult page)
    {
        if (page.Buffer is not null)
        {
            context.Bodies.Return(page.Buffer);
        }
    }

    private void Send(SampleBatch batch)
    {
        _state = State.Appending;
        _batchesOfScrape++;
        batch.Round = ++_batchRound;
        context.Metrics.Samples.Add((long)batch.Count);
        _storage.Tell(batch, Self);
    }

    private void Settle(AppendResult answer)
    {
        if (_state != State.Appending || answer.Round != _batchRound || _appender is null)
        {
            return;
        }

        if (answer.Error is { } error)
        {
            LogStorageRefused(_run!.Target.Url, error);
            Finish(error);
            return;
        }

        // Most answers leave nothing to say.
        var second = answer.Refused.Length + answer.Unknown.Length > 0 ? _node.Batches.Rent() : null;
        var refused = _appender.Settle(answer, second, _timestampMs);
        if (answer.Refused.Length > 0)
        {
            context.Metrics.Refused(refused);
            LogSamplesRefused(_run!.Target.Url, refused.OutOfOrder, refused.Duplicates, refused.OutOfBounds);
        }

        if (second is { Count: > 0 } && _batchesOfScrape < MaxBatchesOfScrape)
        {
            Send(second);
            return;
        }

        if (second is not null)
        {
            _node.Batches.Return(second);
        }

        Finish(_outcome.Fault);
    }

    private void Finish(string? fault)
    {
        if (_appender!.EndRound(out var families))
        {
            context.Metrics.FlushForced.Inc();
        }

        var run = _run!;
        if (families is not null)
        {
            run.Cell.Families = families;
        }

        if (fault is not null)
        {
            LogScrapeFailed(run.Target.Url, fault);
            run.FailureLog?.Write(_start, run.Cell.Job, run.Target.Url, fault);
        }

        context.Metrics.ScrapeDuration.Observe(Elapsed().TotalSeconds);
        var nextScrape = _schedule.NextWithin(_window, _due);
        run.Cell.Report(new ScrapeReport(
            fault is null ? TargetHealth.Up : TargetHealth.Down, fault ?? "", _start, _outcome.Figures.Duration, _outcome.Figures.Scraped, nextScrape, _missedTicks));
        run.Cell.Weigh(_outcome.Figures.PostRelabelling, _appender.ReportCount, fault is null);
        if (run.Key is { } key)
        {
            _node.Witness?.Ended(new ScrapeEnd(
                run.Cell.Job, run.Cell.Slot, targetHash, key, _startDue.ToUnixTimeMilliseconds(), (long)_schedule.Interval.TotalMilliseconds, fault is null));
        }

        _node.Board.CountScrape();
        _node.Budget.Return(_reservedBytes);
        _reservedBytes = 0;
        _state = State.Idle;
        ApplyPending();
    }
}
