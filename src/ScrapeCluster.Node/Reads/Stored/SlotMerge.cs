using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Node.Reads;

/// <summary>
/// One series out of what several nodes and slots have of it in a range. The rules are those of <see cref="NewestMerge"/>, at every moment of the range:
/// <list type="number">
/// <item>The samples of one slot are those of all nodes, by time. Of two at the same time a marker counts, else the one with the larger bits.</item>
/// <item>At any time the lowest slot speaks that had a sample in the last 1.5 intervals and did not end the series; the others fill its holes.</item>
/// <item>Markers of a slot are dropped while another one speaks.</item>
/// </list>
/// Where the chunks of one slot do not overlap, as after a move, they stay as they are. Chunks without floats are passed on.
/// </summary>
/// <remarks>Pure.</remarks>
internal static class SlotMerge
{
    private const double HoleAfterIntervals = 1.5;

    /// <param name="parts">Of one series; the replica tells the slot.</param>
    /// <param name="unknownInterval">Of series that have no two samples.</param>
    public static IReadOnlyList<BlockChunk> Merge(IReadOnlyList<FoundSeries> parts, TimeSpan unknownInterval)
    {
        if (parts is [var only])
        {
            return only.Chunks;
        }

        List<BlockChunk> chunks = [.. parts.SelectMany(part => part.Chunks).OrderBy(chunk => chunk.MinMs)];
        if (parts.All(part => part.Replica == parts[0].Replica) && !Overlap(chunks))
        {
            return chunks;
        }

        var slots = parts.GroupBy(part => part.Replica).OrderBy(slot => slot.Key, Comparer<string>.Create(ReplicaLabel.Compare)).Select(SamplesOf).ToList();
        var (timestamps, values) = slots is [var one]
            ? (one.TimestampsMs, one.Values)
            : Speakers(slots, (long)(HoleAfterIntervals * IntervalOf(slots, (long)unknownInterval.TotalMilliseconds)));
        var others = chunks.Where(chunk => !FloatChunks.IsFloats(chunk)).ToList();
        var merged = FloatChunks.Write(timestamps, values);
        return others.Count == 0 ? merged : [.. merged.Concat(others).OrderBy(chunk => chunk.MinMs)];
    }

    private static bool Overlap(List<BlockChunk> chunks)
    {
        for (var i = 1; i < chunks.Count; i++)
        {
            if (chunks[i].MinMs <= chunks[i - 1].MaxMs)
            {
                return true;
            }
        }

        return false;
    }

    private static Slot SamplesOf(IEnumerable<FoundSeries> parts)
    {
        List<long> timestamps = [];
        List<double> values = [];
        foreach (var chunk in parts.SelectMany(part => part.Chunks))
        {
            FloatChunks.TryRead(chunk, timestamps, values);
        }

        return new Slot(timestamps, values).Sorted();
    }

    /// <summary>The middle one of all spacings: missed scrapes make some larger, a take-over makes some smaller.</summary>
    private static long IntervalOf(List<Slot> slots, long unknown)
    {
        var spacings = new List<long>();
        foreach (var slot in slots)
        {
            for (var i = 1; i < slot.Count; i++)
            {
                spacings.Add(slot.TimestampsMs[i] - slot.TimestampsMs[i - 1]);
            }
        }

        spacings.Sort();
        return spacings.Count == 0 ? unknown : spacings[spacings.Count / 2];
    }

    private static (List<long> TimestampsMs, List<double> Values) Speakers(List<Slot> slots, long holeMs)
    {
        List<long> timestamps = [];
        List<double> values = [];
        while (Next(slots) is { } slot)
        {
            var (timestampMs, value) = slot.Take();
            if (Speaker(slots, timestampMs, holeMs) is { } speaker ? speaker == slot : slot.HasEnded)
            {
                Put(timestamps, values, timestampMs, value);
            }
        }

        return (timestamps, values);
    }

    /// <summary>The slot with the oldest sample that was not looked at; of equal ones the lowest.</summary>
    private static Slot? Next(List<Slot> slots)
    {
        Slot? next = null;
        foreach (var slot in slots)
        {
            if (!slot.IsAtEnd && (next is null || slot.NextMs < next.NextMs))
            {
                next = slot;
            }
        }

        return next;
    }

    private static Slot? Speaker(List<Slot> slots, long atMs, long holeMs) => slots.Find(slot => slot.Speaks(atMs, holeMs));

    /// <summary>One marker behind another says nothing. A sample in the place of a marker of the same time takes it.</summary>
    private static void Put(List<long> timestamps, List<double> values, long timestampMs, double value)
    {
        if (SpecialValues.IsStaleNaN(value) && values.Count > 0 && SpecialValues.IsStaleNaN(values[^1]))
        {
            return;
        }

        if (timestamps.Count > 0 && timestamps[^1] == timestampMs)
        {
            values[^1] = value;
            return;
        }

        timestamps.Add(timestampMs);
        values.Add(value);
    }

    /// <summary>The samples of one slot, and how far the merge has come in them.</summary>
    private sealed class Slot(List<long> timestampsMs, List<double> values)
    {
        private int _next;

        public List<long> TimestampsMs => timestampsMs;

        public List<double> Values => values;

        public int Count => timestampsMs.Count;

        public bool IsAtEnd => _next == timestampsMs.Count;

        public long NextMs => timestampsMs[_next];

        public bool HasEnded { get; private set; }

        public (long TimestampMs, double Value) Take()
        {
            var taken = (timestampsMs[_next], values[_next]);
            _next++;
            HasEnded = SpecialValues.IsStaleNaN(taken.Item2);
            return taken;
        }

        /// <summary>A slot whose first sample comes soon speaks already: else the answer began with one more sample of the slot above, whenever it begins.</summary>
        public bool Speaks(long atMs, long holeMs)
        {
            return Count > 0 && !HasEnded && Math.Abs(atMs - timestampsMs[Math.Max(0, _next - 1)]) <= holeMs;
        }

        public Slot Sorted()
        {
            var order = Enumerable.Range(0, Count).ToArray();
            Array.Sort(order, (left, right) =>
            {
                var byTime = timestampsMs[left].CompareTo(timestampsMs[right]);
                return byTime != 0 ? byTime : RankOf(values[left]).CompareTo(RankOf(values[right]));
            });
            List<long> sortedTimes = [];
            List<double> sortedValues = [];
            foreach (var index in order)
            {
                if (sortedTimes.Count > 0 && sortedTimes[^1] == timestampsMs[index])
                {
                    sortedValues[^1] = values[index];
                    continue;
                }

                sortedTimes.Add(timestampsMs[index]);
                sortedValues.Add(values[index]);
            }

            return new Slot(sortedTimes, sortedValues);
        }

        /// <summary>The higher one counts.</summary>
        private static (bool IsMarker, ulong Bits) RankOf(double value) => (SpecialValues.IsStaleNaN(value), BitConverter.DoubleToUInt64Bits(value));
    }
}
