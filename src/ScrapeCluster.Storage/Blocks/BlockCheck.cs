using System.Runtime.InteropServices;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>
/// Reads a whole block and tells what is wrong with it: every checksum, whether order is kept, and whether symbols, series, series lists, chunks
/// and meta.json agree. Changes nothing. Damage of one file does not hide that of another.
/// </summary>
internal sealed class BlockCheck
{
    /// <summary>More are not told: a file that is damaged so often is lost.</summary>
    public const int MaxDamages = 100;

    private readonly string _folder;
    private readonly CancellationToken _cancellation;
    private readonly List<BlockDamage> _damages = [];

    private BlockCheck(string folder, CancellationToken cancellation)
    {
        _folder = folder;
        _cancellation = cancellation;
    }

    /// <summary>Nothing when the block is whole.</summary>
    public static IReadOnlyList<BlockDamage> Run(string folder, CancellationToken cancellation)
    {
        var check = new BlockCheck(folder, cancellation);
        check.Run();
        return check._damages;
    }

    private void Run()
    {
        var metaPath = Path.Combine(_folder, BlockMetaFile.FileName);
        var meta = Try(() => BlockMetaFile.Read(metaPath));
        if (meta is not null && meta.Id.ToString() != Path.GetFileName(_folder))
        {
            Tell(new BlockDamage(metaPath, 0, $"it is that of block {meta.Id}, the folder has another name"));
        }

        var tombstones = Try(() => TombstonesFile.Read(Path.Combine(_folder, TombstonesFile.FileName)));
        if (meta is not null && tombstones is not null && meta.Stats.Tombstones != tombstones.Count)
        {
            Tell(new BlockDamage(metaPath, 0, $"it tells of {meta.Stats.Tombstones} tombstones, there are {tombstones.Count}"));
        }

        var indexPath = Path.Combine(_folder, IndexReader.FileName);
        using var chunks = Try(() => ChunkSegmentReader.Open(Path.Combine(_folder, ChunkSegment.FolderName)));
        using var index = Try(() => IndexReader.Open(indexPath));
        if (index is null || chunks is null)
        {
            // What is left cannot be walked by the index, or not all of it.
            CheckChunkFiles();
        }

        if (index is null)
        {
            CheckTables(indexPath);
            return;
        }

        using var cursor = new IndexCursor(index);
        CheckSymbols(cursor);
        var labelsOfSeries = CheckSeries(cursor, chunks, meta);
        var labelsOfLists = CheckLists(cursor);
        CheckValues(index);
        if (_damages.Count == 0 && labelsOfSeries != labelsOfLists)
        {
            Tell(index.File, index.Toc.Postings, "the series lists do not agree with the labels of the series");
        }
    }

    /// <summary>Chunk behind chunk, as they stand in their files.</summary>
    private void CheckChunkFiles()
    {
        var folder = Path.Combine(_folder, ChunkSegment.FolderName);
        foreach (var path in Try(() => ChunkSegmentReader.Paths(folder).ToList()) ?? [])
        {
            Try(() =>
            {
                using var file = BlockFile.Open(path);
                Try(() => ChunkSegment.CheckHeader(file));
                ChunkSegment.CheckAll(file, Tell, _cancellation);
            });
        }
    }

    /// <summary>Of an index that does not open: each of what opening reads, so that one damage does not hide another.</summary>
    private void CheckTables(string path)
    {
        Try(() =>
        {
            using var file = BlockFile.Open(path);
            var toc = IndexToc.Read(file);
            Try(() => SymbolTable.Load(file, toc.Symbols));
            Try(() => PostingsTable.Load(file, toc.PostingsTable));
        });
    }

    private void CheckSymbols(IndexCursor cursor)
    {
        Try(() =>
        {
            for (var i = 1u; i < cursor.Index.Symbols.Count; i++)
            {
                _cancellation.ThrowIfCancellationRequested();
                if (cursor.Symbol(i - 1).AsSpan().SequenceCompareTo(cursor.Symbol(i)) >= 0)
                {
                    Tell(cursor.Index.File, cursor.Index.Toc.Symbols, $"symbols {i - 1} and {i} are not in order");
                }
            }
        });
    }

    /// <summary>Gives a sum over all labels, to be compared with that of the lists.</summary>
    private ulong CheckSeries(IndexCursor cursor, ChunkSegmentReader? chunks, BlockMeta? meta)
    {
        var file = cursor.Index.File;
        var entry = new SeriesEntry();
        var totals = new BlockTotals(chunks);
        ulong labels = 0;
        (uint Name, uint Value)[] last = [];
        foreach (var series in Try(cursor.AllSeries) ?? [])
        {
            _cancellation.ThrowIfCancellationRequested();
            var at = (long)series * SeriesEntry.Alignment;
            Try(() =>
            {
                cursor.ReadSeries(series, entry);
                if (entry.Labels.Exists(label => Math.Max(label.Name, label.Value) >= cursor.Index.Symbols.Count))
                {
                    Tell(file, at, "a label of a series is no symbol");
                }

                if (last.Length > 0 && !IsBefore(last, entry.Labels))
                {
                    Tell(file, at, "a series is not in the order of labels");
                }

                last = [.. entry.Labels];
                foreach (var (name, value) in last)
                {
                    labels += SumOf(name, value, series);
                }

                CheckChunks(entry, file, at, meta, totals);
            });
        }

        if (_damages.Count == 0 && meta is not null && !totals.AreThoseOf(meta.Stats))
        {
            var (samples, series, chunkCount, _) = meta.Stats;
            Tell(new BlockDamage(
                Path.Combine(_folder, BlockMetaFile.FileName), 0, $"it tells of {series} series, {chunkCount} chunks and {samples} samples, there are {totals}"));
        }

        return labels;
    }

    private void CheckChunks(SeriesEntry entry, BlockFile file, long at, BlockMeta? meta, BlockTotals totals)
    {
        totals.Series++;
        foreach (var chunk in entry.Chunks)
        {
            Try(() =>
            {
                if (chunk.MinMs > chunk.MaxMs || (meta is not null && (chunk.MinMs < meta.MinMs || chunk.MaxMs >= meta.EndMs)))
                {
                    Tell(file, at, $"a chunk from {chunk.MinMs} to {chunk.MaxMs} is outside of the block's range of time");
                }

                totals.Read(chunk);
            });
        }
    }

    private ulong CheckLists(IndexCursor cursor)
    {
        ulong labels = 0;
        foreach (var range in cursor.Index.Postings.Names)
        {
            _ = cursor.TryFindSymbol(range.Name, out var name);
            Try(() =>
            {
                using var values = cursor.Values(range);
                while (values.MoveNext())
                {
                    _cancellation.ThrowIfCancellationRequested();
                    _ = cursor.TryFindSymbol(values.TakeValue(), out var value);
                    var at = values.TakePostings();
                    var list = new PostingsBuffer();
                    Try(() => cursor.ReadPostings(at, list));
                    var series = list.ToSorted();
                    for (var i = 0; i < series.Length; i++)
                    {
                        labels += SumOf(name, value, series[i]);
                        if (i > 0 && series[i] <= series[i - 1])
                        {
                            Tell(cursor.Index.File, at, "a series list is not ascending");
                        }
                    }
                }
            });
        }

        return labels;
    }

    /// <summary>The lists of values, which readers do not use.</summary>
    private void CheckValues(IndexReader index)
    {
        if (index.Toc.LabelIndexTable == 0)
        {
            return;
        }

        Try(() =>
        {
            using var table = IndexSection.Open(index.File, index.Toc.LabelIndexTable, out var count);
            for (; count > 0; count--)
            {
                for (var names = table.UVarint(); names > 0; names--)
                {
                    table.SkipText();
                }

                var at = (long)table.UVarint();
                Try(() => SkipSection(index.File, at));
            }

            IndexSection.Close(index.File, index.Toc.LabelIndexTable, table);
        });
    }

    private static void SkipSection(BlockFile file, long at)
    {
        using var section = IndexSection.Open(file, at, out _);
        section.SkipToEnd();
        IndexSection.Close(file, at, section);
    }

    /// <summary>By numbers of symbols, whose order is that of their texts.</summary>
    private static bool IsBefore((uint Name, uint Value)[] left, List<(uint Name, uint Value)> right)
    {
        for (var i = 0; i < left.Length && i < right.Count; i++)
        {
            var order = left[i].CompareTo(right[i]);
            if (order != 0)
            {
                return order < 0;
            }
        }

        return left.Length < right.Count;
    }

    private static ulong SumOf(uint name, uint value, uint series) => XxHash64.Hash(MemoryMarshal.AsBytes([name, value, series]));

    private T? Try<T>(Func<T> read) where T : class
    {
        T? result = null;
        Try(() => { result = read(); });
        return result;
    }

    private void Try(Action read)
    {
        try
        {
            read();
        }
        catch (BlockDamageException damaged)
        {
            Tell(damaged.Damage);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(new BlockDamage(_folder, 0, e.Message));
        }
    }

    private void Tell(BlockFile file, long offset, string reason) => Tell(new BlockDamage(file.Path, offset, reason));

    private void Tell(BlockDamage damage)
    {
        if (_damages.Count < MaxDamages && !_damages.Contains(damage))
        {
            _damages.Add(damage);
        }
    }
}
