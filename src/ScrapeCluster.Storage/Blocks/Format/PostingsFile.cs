using System.Buffers;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// The series lists of a new index, in a file of their own until their place is known: the sections in front of them depend on what
/// is in them. The file lives in the temporary folder of the block and is gone before the block is finished.
/// </summary>
internal sealed class PostingsFile(IDataFiles files, string path) : IDisposable
{
    public const string FileName = "postings.tmp";

    /// <summary>Length, count and checksum of a list.</summary>
    private const int FixedListBytes = 3 * sizeof(uint);
    private const int CopyBytes = 256 * 1024;

    private readonly BlockFileWriter _file = new(files, path);
    private readonly List<(uint Name, List<(uint Value, int Count)> Lists)> _labels = [];
    private int _allCount;

    /// <summary>By name; the lists of its values in the order of the values.</summary>
    public IReadOnlyList<(uint Name, List<(uint Value, int Count)> Lists)> Labels => _labels;

    public void AddAll(List<uint> series)
    {
        _allCount = series.Count;
        Begin(_allCount);
        foreach (var number in series)
        {
            _file.UInt32(number);
        }

        _file.EndChecksum();
    }

    public void StartLabel(uint name) => _labels.Add((name, []));

    /// <summary>The list of one value of the label started last. The numbers of the series stand in the lower half of each word.</summary>
    public void Add(uint value, ReadOnlySpan<ulong> series)
    {
        _labels[^1].Lists.Add((value, series.Length));
        Begin(series.Length);
        foreach (var word in series)
        {
            _file.UInt32((uint)word);
        }

        _file.EndChecksum();
    }

    /// <summary>Where each list is once all of them have been moved to an offset; without that of all series, which is there itself.</summary>
    public IEnumerable<(uint Name, uint Value, long Offset)> Places(long listsAt)
    {
        var at = listsAt + BytesOf(_allCount);
        foreach (var (name, lists) in _labels)
        {
            foreach (var (value, count) in lists)
            {
                yield return (name, value, at);
                at += BytesOf(count);
            }
        }
    }

    /// <summary>Appends all lists to the index and deletes this file.</summary>
    public void MoveTo(BlockFileWriter target)
    {
        _file.Flush();
        using (var written = BlockFile.Open(_file.Path))
        {
            var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
            for (var at = 0L; at < written.Length;)
            {
                var read = written.ReadUpTo(buffer, at);
                target.Write(buffer.AsSpan(0, read));
                at += read;
            }

            ArrayPool<byte>.Shared.Return(buffer);
        }

        _file.Dispose();
        files.Delete(_file.Path);
    }

    public void Dispose() => _file.Dispose();

    private void Begin(int count)
    {
        _file.BeginSection((1 + (long)count) * sizeof(uint));
        _file.UInt32((uint)count);
    }

    private static long BytesOf(int count) => FixedListBytes + ((long)count * sizeof(uint));
}
