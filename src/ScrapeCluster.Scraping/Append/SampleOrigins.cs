using System.Buffers;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// Which cache entry each sample of the batch in flight came from. The batch itself is the storage's after it was sent; its answer speaks of indexes.
/// </summary>
internal sealed class SampleOrigins
{
    private const int UntrackedBit = int.MinValue;

    private readonly List<int> _newIndexes = [];
    private int[] _ids = [];

    /// <summary>Scraped samples.</summary>
    public int Count { get; private set; }

    /// <summary>Index of the first report sample; markers stand between the scraped samples and it.</summary>
    public int ReportStart { get; set; }

    /// <summary>Indexes of the samples that were sent with labels, in the order in which the storage answers with references.</summary>
    public IReadOnlyList<int> NewIndexes => _newIndexes;

    public void Clear()
    {
        Count = 0;
        ReportStart = 0;
        _newIndexes.Clear();
    }

    public void Add(int id, bool tracked = true)
    {
        if (Count == _ids.Length)
        {
            Grow();
        }

        _ids[Count++] = tracked ? id : id | UntrackedBit;
    }

    public int IdOf(int index) => _ids[index] & ~UntrackedBit;

    /// <summary>True when the sample's series was to get a marker at its end.</summary>
    public bool IsTracked(int index) => (_ids[index] & UntrackedBit) == 0;

    public void RememberNew(SampleBatch batch)
    {
        foreach (var series in batch.NewSeries)
        {
            _newIndexes.Add(series.Index);
        }
    }

    /// <summary>Gives the memory back: between scrapes a target holds none of it.</summary>
    public void Release()
    {
        if (_ids.Length > 0)
        {
            ArrayPool<int>.Shared.Return(_ids);
            _ids = [];
        }

        Clear();
        if (_newIndexes.Capacity > 64)
        {
            _newIndexes.Capacity = 0;
        }
    }

    private void Grow()
    {
        var grown = ArrayPool<int>.Shared.Rent(Math.Max(256, Count * 2));
        _ids.AsSpan(0, Count).CopyTo(grown);
        if (_ids.Length > 0)
        {
            ArrayPool<int>.Shared.Return(_ids);
        }

        _ids = grown;
    }
}
