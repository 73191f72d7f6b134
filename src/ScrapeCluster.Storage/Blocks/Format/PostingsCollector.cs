namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// Makes series lists by reading the series that were just written, a few label names at a time: the whole of them would take as many words
/// as the block has labels. The reading is sequential, of pages that the system still has.
/// </summary>
internal sealed class PostingsCollector(BlockFile index, List<uint> series, Dictionary<uint, int> nameCounts)
{
    /// <summary>Labels gathered in one pass, 8 bytes each; a name that more series have takes a pass for itself.</summary>
    private const int PassLabels = 4 * 1024 * 1024;

    public void Collect(PostingsFile postings, CancellationToken cancellation)
    {
        postings.AddAll(series);
        var pass = new SortedDictionary<uint, Gathered>();
        var labels = 0L;
        foreach (var (name, count) in nameCounts.OrderBy(entry => entry.Key))
        {
            if (labels > 0 && labels + count > PassLabels)
            {
                RunPass(pass, postings, cancellation);
                pass.Clear();
                labels = 0;
            }

            pass.Add(name, new Gathered(count));
            labels += count;
        }

        RunPass(pass, postings, cancellation);
    }

    private void RunPass(SortedDictionary<uint, Gathered> pass, PostingsFile postings, CancellationToken cancellation)
    {
        Gather(new Dictionary<uint, Gathered>(pass), cancellation);
        foreach (var (name, gathered) in pass)
        {
            cancellation.ThrowIfCancellationRequested();
            postings.StartLabel(name);
            gathered.WriteTo(postings);
        }
    }

    private void Gather(Dictionary<uint, Gathered> pass, CancellationToken cancellation)
    {
        if (pass.Count == 0)
        {
            return;
        }

        using var scanner = new FileScanner(index, (long)series[0] * SeriesEntry.Alignment, index.Length);
        foreach (var number in series)
        {
            cancellation.ThrowIfCancellationRequested();
            scanner.Skip(((long)number * SeriesEntry.Alignment) - scanner.Position);
            _ = scanner.UVarint();
            for (var left = scanner.UVarint(); left > 0; left--)
            {
                var name = (uint)scanner.UVarint();
                var value = (uint)scanner.UVarint();
                if (pass.TryGetValue(name, out var gathered))
                {
                    gathered.Add(value, number);
                }
            }
        }
    }

    /// <summary>The labels of one name: value above, series below, so that sorting brings the lists together, each in its order.</summary>
    private sealed class Gathered(int count)
    {
        private readonly ulong[] _words = new ulong[count];
        private int _filled;
        private bool _isUnsorted;

        public void Add(uint value, uint number)
        {
            var word = ((ulong)value << 32) | number;
            _isUnsorted |= _filled > 0 && word < _words[_filled - 1];
            _words[_filled++] = word;
        }

        public void WriteTo(PostingsFile postings)
        {
            // Metric names, and labels that are the same everywhere, are in order already.
            if (_isUnsorted)
            {
                Array.Sort(_words);
            }

            for (var from = 0; from < _words.Length;)
            {
                var value = (uint)(_words[from] >> 32);
                var to = from + 1;
                while (to < _words.Length && (uint)(_words[to] >> 32) == value)
                {
                    to++;
                }

                postings.Add(value, _words.AsSpan(from, to - from));
                from = to;
            }
        }
    }
}
