using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Head;

/// <summary>
/// What an append needs of one series: 64 bytes, one cache line. The writer alone changes it; readers take <see cref="Open"/>,
/// <see cref="Closed"/> and <see cref="LabelCount"/> with acquire semantics, <see cref="LabelsAt"/> after the count, and the two
/// ends of the open chunk only as a hint.
/// </summary>
internal struct SeriesRow
{
    public long LastTimestampMs;
    public ulong LastValueBits;
    public long LastDeltaMs;

    /// <summary>The open chunk takes no sample from here on.</summary>
    public long CutAtMs;

    public long OpenMinMs;

    /// <summary>A <see cref="ChunkRef"/>'s word: the open chunk with as much of it as readers may decode; 0 = none.</summary>
    public ulong Open;

    public uint TailBlock;

    /// <summary>Newest of the closed chunks, a node of <see cref="ClosedChunks"/>.</summary>
    public uint Closed;

    /// <summary>Start of the label ids, see <see cref="Index.LabelRuns"/>.</summary>
    public uint LabelsAt;

    /// <summary>0 = no series lives here.</summary>
    public ushort LabelCount;

    /// <summary>Value window of the open chunk; <see cref="NoWindow"/> until the first value that differs.</summary>
    public byte Leading;

    public byte Trailing;

    public const byte NoWindow = 0xff;

    public readonly bool IsEmpty => Open == 0 && Closed == 0;

    public readonly ChunkRef OpenChunk => new(Open);
}
