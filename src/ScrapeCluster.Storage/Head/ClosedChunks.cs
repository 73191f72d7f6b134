using ScrapeCluster.Storage.Chunks;

namespace ScrapeCluster.Storage.Head;

/// <summary>
/// The closed chunks of all series: nodes in pages, linked from the newest to the oldest of each series. One writer; readers
/// follow links taken with acquire semantics.
/// </summary>
internal sealed class ClosedChunks
{
    public const uint None = 0;
    private const int PageLog2 = 12;
    private const int PageNodes = 1 << PageLog2;

    private readonly Stack<uint> _free = new();
    private Node[][] _pages = [new Node[PageNodes]];
    private uint _end = 1;

    public struct Node
    {
        public long MinMs;
        public long MaxMs;

        /// <summary>A <see cref="ChunkRef"/>'s word; moves from memory to a file by one release write.</summary>
        public ulong Chunk;

        public uint Older;
    }

    public uint Add(long minMs, long maxMs, ChunkRef chunk, uint older)
    {
        if (!_free.TryPop(out var node))
        {
            node = _end++;
            if (node >> PageLog2 == _pages.Length)
            {
                Volatile.Write(ref _pages, [.. _pages, new Node[PageNodes]]);
            }
        }

        this[node] = new Node { MinMs = minMs, MaxMs = maxMs, Chunk = chunk.Word, Older = older };
        return node;
    }

    public void Free(uint node) => _free.Push(node);

    public ref Node this[uint node] => ref _pages[node >> PageLog2][node & (PageNodes - 1)];
}
