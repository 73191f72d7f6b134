using System.Runtime.InteropServices;

namespace ScrapeCluster.Scraping;

/// <summary>
/// Texts of series that targets have in common: programs of one kind expose the same lines, hundreds of times over in a fleet. Caches keep their texts in
/// blocks whose borders depend on the lines at them alone, so that runs of equal lines become equal blocks, of which one copy serves all. For any thread.
/// <para>Blocks are held weakly: one that no cache has any more goes with the next collection, its place here with a later sweep.</para>
/// </summary>
internal sealed class SharedTexts
{
    private const int LeastToSweep = 1024;

    private readonly Lock _guard = new();
    private readonly Dictionary<ulong, WeakReference<byte[]>> _blocks = [];
    private int _sweepAt = LeastToSweep;

    /// <summary>Blocks of the last look, some of which may be gone.</summary>
    public int Count
    {
        get
        {
            lock (_guard)
            {
                return _blocks.Count;
            }
        }
    }

    /// <summary>The same bytes, in an array that may be others' too: never to be written to.</summary>
    /// <param name="hash">Of the block, seeded: equal hashes of different blocks only mean that the later one is not shared.</param>
    public byte[] Share(ReadOnlySpan<byte> block, ulong hash)
    {
        lock (_guard)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_blocks, hash, out _);
            if (known is not null && known.TryGetTarget(out var shared))
            {
                return block.SequenceEqual(shared) ? shared : block.ToArray();
            }

            var made = block.ToArray();
            if (known is null)
            {
                known = new WeakReference<byte[]>(made);
            }
            else
            {
                known.SetTarget(made);
            }

            if (_blocks.Count >= _sweepAt)
            {
                Sweep();
            }

            return made;
        }
    }

    private void Sweep()
    {
        foreach (var (hash, block) in _blocks)
        {
            if (!block.TryGetTarget(out _))
            {
                _blocks.Remove(hash);
            }
        }

        _sweepAt = Math.Max(LeastToSweep, _blocks.Count * 2);
        _blocks.TrimExcess(_sweepAt);
    }
}
