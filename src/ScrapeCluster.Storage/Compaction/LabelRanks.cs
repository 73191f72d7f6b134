using ScrapeCluster.Storage.Index;

namespace ScrapeCluster.Storage.Compaction;

/// <summary>
/// The place of every label pair in the order of names and values, by pair id: with it label sets are compared by numbers, in the order of
/// <see cref="Queries.LabelsOrder"/>. A picture of the moment; valid under the reader epoch in which it was made.
/// </summary>
internal sealed class LabelRanks
{
    /// <summary>0 = a pair that was not there yet, or a set that has ended: before all others.</summary>
    private uint[] _byId = new uint[1024];

    public LabelRanks(LabelIndex labels, CancellationToken cancellation)
    {
        var last = 0u;
        var names = labels.Names.ToArray();
        Array.Sort(names, static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        foreach (var name in names)
        {
            cancellation.ThrowIfCancellationRequested();

            // By enumeration: all that copies the dictionary as a whole locks the writer out.
            var pairs = new List<LabelPair>();
            foreach (var (_, pair) in name.Values)
            {
                pairs.Add(pair);
            }

            pairs.Sort(static (left, right) => left.Value.AsSpan().SequenceCompareTo(right.Value));
            foreach (var pair in pairs)
            {
                Set(pair.Id, ++last);
            }
        }
    }

    public uint this[uint pairId] => pairId < (uint)_byId.Length ? _byId[pairId] : 0;

    /// <summary>Ranks of the first two labels in one number, which orders most sets.</summary>
    public ulong Key(ReadOnlySpan<uint> pairIds)
    {
        var second = pairIds.Length > 1 ? this[pairIds[1]] : 0;
        return pairIds.IsEmpty ? 0 : ((ulong)this[pairIds[0]] << 32) | second;
    }

    public int Compare(ReadOnlySpan<uint> left, ReadOnlySpan<uint> right)
    {
        var common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        return this[left[common]].CompareTo(this[right[common]]);
    }

    private void Set(uint pairId, uint rank)
    {
        if (pairId >= (uint)_byId.Length)
        {
            Array.Resize(ref _byId, (int)Math.Max(pairId + 1, (uint)_byId.Length * 2));
        }

        _byId[pairId] = rank;
    }
}
