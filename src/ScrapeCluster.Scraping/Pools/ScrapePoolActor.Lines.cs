using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Targets that go to another node or come from one, and the series lines that go with them.</summary>
internal sealed partial class ScrapePoolActor
{
    private readonly List<LineGathering> _releases = [];
    private readonly List<LineGathering> _collections = [];

    // Of targets in the plan whose loop is not there yet.
    private readonly Dictionary<ulong, byte[]> _earlyLines = [];

    private void Release(ReleaseTargets release)
    {
        _plan = _plan! with { Slot = _plan.Slot.Without(release.Hashes) };
        var gathering = new LineGathering(Sender, lines => new TargetsReleased(lines, release.Tag));
        foreach (var hash in release.Hashes)
        {
            if (_earlyLines.Remove(hash, out var lines))
            {
                gathering.Add(hash, lines);
            }

            if (!_loops.TryGetValue(hash, out var loop))
            {
                continue;
            }

            if (loop.Target is not null)
            {
                loop.Target = null;
                loop.ReleaseOrder = loop.Tell(ReleaseTarget.Instance, Self);
            }

            if (loop.ReleaseOrder > 0)
            {
                gathering.Await(hash, loop.ReleaseOrder);
            }
        }

        _releases.Add(gathering);
        ShowTargets();
        AnswerComplete();
        SayEmptyWhenDone();
    }

    private void Adopt(AdoptLines adopt)
    {
        HashSet<ulong>? planned = null;
        foreach (var (hash, packed) in adopt.Lines)
        {
            if (_loops.TryGetValue(hash, out var loop) && loop.Target is not null)
            {
                loop.Tell(new AdoptSeries(packed), Self);
                continue;
            }

            planned ??= [.. _plan!.Slot.Targets.Select(static entry => entry.Target.Hash)];
            if (planned.Contains(hash))
            {
                _earlyLines[hash] = packed;
            }
        }
    }

    private void Collect(CollectLines collect)
    {
        var gathering = new LineGathering(Sender, lines => new LinesCollected(lines, collect.Tag));
        foreach (var hash in collect.Hashes)
        {
            if (_loops.TryGetValue(hash, out var loop) && loop.Target is not null)
            {
                gathering.Await(hash, loop.Tell(new CollectSeries(collect.All), Self));
            }
        }

        _collections.Add(gathering);
        AnswerComplete();
    }

    private void TakeReleased(LoopReleased released)
    {
        _releases.ForEach(release => release.Take(released.TargetHash, released.Order, released.Lines));
        AnswerComplete();
    }

    private void TakeCollected(LoopCollected collected)
    {
        _collections.ForEach(collection => collection.Take(collected.TargetHash, collected.Order, collected.Lines));
        AnswerComplete();
    }

    /// <summary>Nobody waits for a loop that is gone.</summary>
    private void Lose(ulong hash)
    {
        _releases.ForEach(release => release.Lose(hash));
        _collections.ForEach(collection => collection.Lose(hash));
        AnswerComplete();
    }

    private void AnswerComplete()
    {
        Answer(_releases, static gathering => gathering.IsComplete);
        Answer(_collections, static gathering => gathering.IsComplete);
    }

    private void Answer(List<LineGathering> gatherings, Predicate<LineGathering> isDue)
    {
        gatherings.FindAll(isDue).ForEach(gathering => gathering.Answer(Self));
        gatherings.RemoveAll(isDue);
    }
}
