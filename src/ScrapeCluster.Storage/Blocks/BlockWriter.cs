using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Blocks;

/// <summary>
/// Writes a block in Prometheus's format. It grows in a folder with a temporary name; only when all of it is on the disk the folder gets the block's name, so
/// a crash or a full disk at any moment leaves nothing that looks like a block. The same series give the same bytes.
/// </summary>
internal sealed class BlockWriter(IDataFiles files, long maxSegmentBytes = ChunkSegment.MaxBytes)
{
    public const string TemporarySuffix = ".tmp-for-creation";

    /// <summary>Null when the input has no chunk: then there is nothing on the disk either.</summary>
    /// <exception cref="IOException">The disk is full or bad, or the input is damaged; what was written is removed as far as the disk allows.</exception>
    public BlockMeta? Write(string dataFolder, BlockHeader header, IBlockInput input, CancellationToken cancellation)
    {
        var folder = Path.Combine(dataFolder, header.Id.ToString());
        var temporary = folder + TemporarySuffix;
        files.DeleteFolder(temporary);
        try
        {
            files.CreateFolder(Path.Combine(temporary, ChunkSegment.FolderName));
            var stats = WriteSeries(temporary, input, cancellation);
            if (stats.Chunks == 0)
            {
                files.DeleteFolder(temporary);
                return null;
            }

            var compaction = new BlockCompaction(header.Level, header.Sources, header.Parents, IsDeletable: false, HasFailed: false, []);
            var meta = new BlockMeta(header.Id, header.MinMs, header.EndMs, stats, compaction);
            BlockMetaFile.WriteNew(files, Path.Combine(temporary, BlockMetaFile.FileName), meta);
            new TombstonesFile().Write(files, Path.Combine(temporary, TombstonesFile.FileName));
            files.FlushFolder(temporary);
            files.Move(temporary, folder);
            files.FlushFolder(dataFolder);
            return meta;
        }
        catch
        {
            TryRemove(temporary);
            throw;
        }
    }

    private BlockStats WriteSeries(string folder, IBlockInput input, CancellationToken cancellation)
    {
        var symbols = GatherSymbols(input, cancellation);
        using var index = new IndexWriter(files, Path.Combine(folder, IndexReader.FileName), symbols);
        using var segments = new ChunkSegmentWriter(files, Path.Combine(folder, ChunkSegment.FolderName), maxSegmentBytes);
        var chunks = new List<ChunkEntry>();
        long seriesCount = 0, chunkCount = 0, sampleCount = 0;

        using (var source = input.Open())
        {
            while (source.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                chunks.Clear();
                foreach (var chunk in source.Chunks)
                {
                    chunks.Add(new ChunkEntry(chunk.MinMs, chunk.MaxMs, segments.Add(chunk)));
                    sampleCount += SamplesOf(chunk);
                }

                if (chunks.Count > 0)
                {
                    index.AddSeries(source.Labels, CollectionsMarshal.AsSpan(chunks));
                    chunkCount += chunks.Count;
                    seriesCount++;
                }
            }
        }

        segments.Close();
        if (chunkCount > 0)
        {
            index.Finish(cancellation);
        }

        return new BlockStats(sampleCount, seriesCount, chunkCount, Tombstones: 0);
    }

    /// <summary>The empty text is among them, as in blocks of Prometheus: it is the name under which all series are listed.</summary>
    private static SymbolSet GatherSymbols(IBlockInput input, CancellationToken cancellation)
    {
        var symbols = new SymbolSet();
        symbols.Add([]);
        using var source = input.Open();
        var last = Labels.Empty;
        while (source.MoveNext())
        {
            cancellation.ThrowIfCancellationRequested();
            var labels = source.Labels;
            symbols.Add(labels, last);
            last = labels;
        }

        symbols.Seal();
        return symbols;
    }

    /// <summary>All encodings that Prometheus has begin with the count of samples.</summary>
    private static int SamplesOf(in BlockChunk chunk)
    {
        return chunk.Data.Length < sizeof(ushort) ? 0 : BinaryPrimitives.ReadUInt16BigEndian(chunk.Data.Span);
    }

    private void TryRemove(string folder)
    {
        try
        {
            files.DeleteFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left for the next start, which removes all temporary folders; the failure that brought us here is the one to tell.
        }
    }
}
