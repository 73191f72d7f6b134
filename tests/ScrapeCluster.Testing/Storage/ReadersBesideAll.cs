using System.Collections.Concurrent;
using System.Globalization;
using ScrapeCluster.Model;
using ScrapeCluster.Storage;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Testing.Storage;

/// <summary>
/// One writer appends <see cref="NumberedBatches"/> as fast as it can, with all maintenance beside: series are collected, chunks go to files, the head to blocks,
/// blocks are merged and go by age, the log behind checkpoints. Readers ask anything meanwhile, some hold what they asked for long. Every answer is compared
/// with what must be in it by the numbers alone: all that was acknowledged before the question and is kept, nothing else, nothing twice, in order.
/// </summary>
/// <param name="storage">Opened, kept as <see cref="BusyDirectory"/> says.</param>
/// <param name="next">The first batch to append; all below were acknowledged.</param>
public sealed class ReadersBesideAll(LocalStorage storage, TimeSpan retention, long next, int seed)
{
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly StorageUpkeep _upkeep = new(storage);
    private long _next = next;
    private long _questions;
    private long _samplesSeen;

    public long Next => Volatile.Read(ref _next);

    public long Questions => Interlocked.Read(ref _questions);

    public long SamplesSeen => Interlocked.Read(ref _samplesSeen);

    public StorageUpkeep Upkeep => _upkeep;

    /// <summary>Null, or the first thing that was wrong.</summary>
    /// <param name="enough">Asked between batches.</param>
    public string? Run(int readers, Func<bool> enough)
    {
        using var done = new CancellationTokenSource();
        var threads = Enumerable.Range(0, readers).Select(number => new Thread(() => Read(new Random(seed + number), done.Token)) { IsBackground = true }).ToList();
        threads.ForEach(static thread => thread.Start());
        try
        {
            Write(enough);
        }
        finally
        {
            done.Cancel();
            threads.ForEach(static thread => thread.Join());
        }

        _upkeep.Settle();
        return _faults.TryPeek(out var fault) ? fault : _upkeep.Failures.FirstOrDefault()?.ToString();
    }

    private void Write(Func<bool> enough)
    {
        var sent = new SampleBatchPool().Rent();
        while (_faults.IsEmpty && _upkeep.Failures.Count == 0 && !enough())
        {
            sent.Truncate(0);
            NumberedBatches.Fill(sent, _next);
            var result = storage.Writer.Append(sent);
            if (result.Error is not null || result.Refused.Length > 0)
            {
                _faults.Enqueue(Say($"batch {_next} was refused: {result.Error}"));
                return;
            }

            Volatile.Write(ref _next, _next + 1);
            if (_next % BusyDirectory.BatchesPerTick != 0)
            {
                _upkeep.Continue();
                continue;
            }

            _upkeep.Tick();
            while (storage.Head.MaxTimeMs - storage.Head.MinTimeMs > BusyDirectory.MostInHeadMs && _faults.IsEmpty)
            {
                // Readers hold cuts back: the clock of this directory waits for them.
                _upkeep.Wait();
                _upkeep.Tick();
                Thread.Yield();
            }
        }
    }

    private void Read(Random random, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            try
            {
                if (Ask(random, done) is { } fault)
                {
                    _faults.Enqueue(fault);
                    return;
                }
            }
            catch (Exception failure)
            {
                _faults.Enqueue(failure.ToString());
                return;
            }

            Interlocked.Increment(ref _questions);
        }
    }

    private string? Ask(Random random, CancellationToken done)
    {
        var before = Next;
        if (before == 0)
        {
            Thread.Yield();
            return null;
        }

        // What is kept for sure, as long as this takes: half of it may go meanwhile.
        var reach = (long)(retention / 2).TotalMilliseconds / NumberedBatches.StepMs;
        var first = random.NextInt64(Math.Max(0, before - reach), before);
        var last = random.NextInt64(first, before + 20);
        return random.Next(8) switch
        {
            0 => AskSeries(first, last, before),
            1 => AskNewest(before),
            2 => AskWhole(random, done),
            var kind => AskSamples(first, last, before, one: kind > 5, slowly: kind == 3, random, done),
        };
    }

    private string? AskSamples(long first, long last, long before, bool one, bool slowly, Random random, CancellationToken done)
    {
        var wanted = one ? random.NextInt64(24) : -1;
        IReadOnlyList<LabelMatcher> matchers = one ? [Matcher("number", wanted.ToString(CultureInfo.InvariantCulture))] : [Matcher("job", "numbered")];
        using var series = storage.Query.Open(new Selection(matchers, NumberedBatches.TimeMs(first), NumberedBatches.TimeMs(last)));
        var found = new HashSet<(long, long)>();
        Labels? previous = null;
        while (series.MoveNext())
        {
            if (previous is not null && LabelsOrder.Instance.Compare(previous, series.Labels) >= 0)
            {
                return Say($"{series.Labels} stands behind {previous}");
            }

            previous = series.Labels;
            if (AddSamples(series, found, first, last) is { } fault)
            {
                return fault;
            }

            if (slowly && random.Next(4) == 0)
            {
                HoldOn(done);
            }
        }

        // Kept for sure at the end as well, or the question says nothing.
        if (first < Next - (long)(retention.TotalMilliseconds / NumberedBatches.StepMs))
        {
            return null;
        }

        for (var batch = first; batch <= last && batch < before; batch++)
        {
            foreach (var (number, _) in NumberedBatches.Samples(batch))
            {
                if ((!one || number == wanted) && !found.Contains((batch, number)))
                {
                    return Say($"batches {first} to {last}, {before} appended: {batch} of series {number} is missing");
                }
            }
        }

        return null;
    }

    /// <summary>From the first block on, whose samples may go at any time: what there is must be right.</summary>
    private string? AskWhole(Random random, CancellationToken done)
    {
        using var series = storage.Query.Open(new Selection([]));
        var found = new HashSet<(long, long)>();
        while (series.MoveNext())
        {
            if (AddSamples(series, found, 0, long.MaxValue) is { } fault)
            {
                return fault;
            }

            if (random.Next(20) == 0)
            {
                HoldOn(done);
            }
        }

        return null;
    }

    private string? AddSamples(SeriesCursor series, HashSet<(long, long)> found, long first, long last)
    {
        List<long> times = [];
        List<double> values = [];
        series.ReadSamples(times, values);
        var number = NumberedBatches.SeriesOf(series.Labels);
        for (var i = 0; i < times.Count; i++)
        {
            if (i > 0 && times[i] <= times[i - 1])
            {
                return Say($"series {number}: {times[i]} behind {times[i - 1]}");
            }

            if (!NumberedBatches.TryNumber(times[i], out var batch) || batch < first || batch > last
                || NumberedBatches.BitsIn(batch, number) != BitConverter.DoubleToUInt64Bits(values[i]))
            {
                return Say($"series {number} has {times[i]} {values[i]}, which nobody wrote or asked for ({first} to {last})");
            }

            if (!found.Add((batch, number)))
            {
                return Say($"series {number} comes twice");
            }
        }

        Interlocked.Add(ref _samplesSeen, times.Count);
        return null;
    }

    private string? AskSeries(long first, long last, long before)
    {
        var found = storage.Query.Series([Matcher("job", "numbered")], NumberedBatches.TimeMs(first), NumberedBatches.TimeMs(last)).Select(NumberedBatches.SeriesOf).ToHashSet();
        if (first < Next - (long)(retention.TotalMilliseconds / NumberedBatches.StepMs))
        {
            return null;
        }

        for (var batch = first; batch <= last && batch < before; batch++)
        {
            foreach (var (number, _) in NumberedBatches.Samples(batch))
            {
                if (!found.Contains(number))
                {
                    return Say($"series {number} of batch {batch} is not among those from {first} to {last}");
                }
            }
        }

        return null;
    }

    private string? AskNewest(long before)
    {
        var newest = storage.Query.NewestSamples([Matcher("number", "0")], NumberedBatches.TimeMs(before + 5000), TimeSpan.FromDays(90));
        var foundMs = newest.Count == 1 ? newest[0].TimestampMs : -1;
        return foundMs < NumberedBatches.TimeMs(before - 1) ? Say($"the newest sample is of {foundMs}, though batch {before - 1} was appended") : null;
    }

    /// <summary>Until a head's range has gone by and cuts have come near, were it not for this reader; the writer may wait for this one, so not for long.</summary>
    private void HoldOn(CancellationToken done)
    {
        var until = Next + 12;
        for (var i = 0; i < 200 && Next < until && !done.IsCancellationRequested; i++)
        {
            Thread.Yield();
        }
    }

    private static LabelMatcher Matcher(string name, string value) => LabelMatcher.Equal(name, value);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
