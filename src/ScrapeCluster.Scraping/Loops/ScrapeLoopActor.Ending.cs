namespace ScrapeCluster.Scraping;

/// <summary>The end of a run: its series get staleness markers, late enough that a successor which scrapes the same series wins.</summary>
internal sealed partial class ScrapeLoopActor
{
    /// <summary>The markers carry the time of the next tick and are written one interval and a tenth after it (behaviour reference 1.6 d).</summary>
    private void Retire()
    {
        if (_appender is { HasLines: true } appender)
        {
            var run = new RetiredRun(appender, _due);
            _retired++;
            Timers.StartSingleTimer(run, run, _due - _node.Time.GetUtcNow() + (_schedule.Interval * 1.1));
        }

        _appender = null;
        _lastStart = null;
    }

    private void WriteEndMarkers(RetiredRun run)
    {
        _retired--;
        var batch = _node.Batches.Rent();
        batch.TimestampMs = run.MarkerTime.ToUnixTimeMilliseconds();
        run.Appender.AppendEndMarkers(batch);
        if (batch.Count == 0)
        {
            _node.Batches.Return(batch);
        }
        else
        {
            // Nothing waits for the answer: what is refused here is newer already.
            batch.Round = 0;
            _storage.Tell(batch, Self);
        }

        SayIdleWhenDone();
    }
}
