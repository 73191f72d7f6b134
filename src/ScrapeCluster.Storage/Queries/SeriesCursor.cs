using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Queries;

/// <summary>
/// The series of an answer with a sample in the range, sorted by labels, read one by one as they are asked for. Holds what it reads from until it is
/// disposed of. For one thread at a time.
/// </summary>
/// <remarks>
/// <see cref="MoveNext"/> and <see cref="ReadSamples"/> throw an <see cref="IOException"/> on a file that is damaged or cannot be read, and a
/// <see cref="QueryLimitException"/> beyond a limit.
/// </remarks>
public sealed class SeriesCursor : IDisposable
{
    private readonly IBlockSource _source;
    private readonly bool _isOfLabels;
    private readonly QueryLimits _limits;
    private readonly IDisposable? _held;
    private int _seriesCount;
    private long _sampleCount;

    /// <param name="source">Goes with the cursor.</param>
    /// <param name="held">Goes after it.</param>
    internal SeriesCursor(IBlockSource source, bool isOfLabels, QueryLimits limits, IDisposable? held = null)
    {
        _source = source;
        _isOfLabels = isOfLabels;
        _limits = limits;
        _held = held;
    }

    public Labels Labels => _source.Labels;

    /// <summary>In order of time, cut to the range; their data is borrowed until the next <see cref="MoveNext"/>.</summary>
    public IReadOnlyList<BlockChunk> Chunks => _isOfLabels ? [] : _source.Chunks;

    /// <summary>Chunks of the series read so far that <see cref="ReadSamples"/> passed over, since they hold no floats.</summary>
    public long UnsupportedChunks { get; private set; }

    public bool MoveNext()
    {
        while (_source.MoveNext())
        {
            if (_isOfLabels || _source.Chunks.Count > 0)
            {
                Count();
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the samples of the series to two lists of equal length.</summary>
    public void ReadSamples(List<long> timestampsMs, List<double> values)
    {
        foreach (var chunk in Chunks)
        {
            if (!FloatChunks.TryRead(chunk, timestampsMs, values))
            {
                UnsupportedChunks++;
            }
        }
    }

    public void Dispose()
    {
        _source.Dispose();
        _held?.Dispose();
    }

    private void Count()
    {
        _seriesCount++;
        foreach (var chunk in Chunks)
        {
            _sampleCount += XorChunk.CountOf(chunk.Data.Span);
        }

        if (_limits.MaxSeries > 0 && _seriesCount > _limits.MaxSeries)
        {
            throw QueryLimitException.OfSeries(_limits.MaxSeries);
        }

        if (_limits.MaxSamples > 0 && _sampleCount > _limits.MaxSamples)
        {
            throw QueryLimitException.OfSamples(_limits.MaxSamples);
        }
    }
}
