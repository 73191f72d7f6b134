using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Chunks;

/// <summary>
/// Memory of chunks: blocks of 64 bytes in big slabs. A chunk is a chain of blocks, so it grows without being copied, wastes
/// half a block on average, and whatever is freed fits everybody. (With size classes, a head whose series all grow in step
/// would leave every smaller class empty behind it.)
/// One thread allocates, writes and frees. Any thread reads bytes below a length that was published to it.
/// </summary>
internal sealed class ChunkBlocks
{
    public const int BlockBytes = 64;

    /// <summary>The rest of a block is the number of the next one.</summary>
    public const int PayloadBytes = BlockBytes - sizeof(uint);

    public const int PayloadBits = PayloadBytes * 8;

    /// <summary>Never a block: number 0 is left unused.</summary>
    public const uint None = 0;

    private const int SlabBlocksLog2 = 14;
    private const int SlabBlocks = 1 << SlabBlocksLog2;

    /// <summary>An eight-byte store at a block's last bit reaches this far behind it.</summary>
    private const int SlackBytes = 8;

    private byte[][] _slabs = new byte[16][];
    private int _slabCount;
    private uint _next;
    private uint _free;
    private long _used;

    public ChunkBlocks()
    {
        AddSlab();
        _next = 1;
    }

    /// <summary>Blocks in use, for statistics.</summary>
    public long Used => Volatile.Read(ref _used);

    public long UsedBytes => Used * BlockBytes;

    public long AllocatedBytes => (long)Volatile.Read(ref _slabCount) * SlabBlocks * BlockBytes;

    /// <summary>A block of zeroes.</summary>
    public uint Allocate()
    {
        _used++;
        if (_free != None)
        {
            var block = _free;
            _free = Next(block);
            Bytes(block).Clear();
            return block;
        }

        if (_next == (uint)_slabCount << SlabBlocksLog2)
        {
            AddSlab();
        }

        return _next++;
    }

    /// <summary>Gives a chain back. No reader may hold it any more: see <see cref="Head.ReaderEpochs"/>.</summary>
    public void FreeChain(uint first)
    {
        while (first != None)
        {
            var next = Next(first);
            SetNext(first, _free);
            _free = first;
            first = next;
            _used--;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte Payload(uint block)
    {
        var slab = _slabs[block >> SlabBlocksLog2];
        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(slab), (block & (SlabBlocks - 1)) * BlockBytes);
    }

    public uint Next(uint block) => Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref Payload(block), PayloadBytes));

    public void SetNext(uint block, uint next) => Unsafe.WriteUnaligned(ref Unsafe.Add(ref Payload(block), PayloadBytes), next);

    /// <summary>Copies the first bytes of a chain. Bits beyond the published length may still change, those below never do.</summary>
    public void Copy(uint first, Span<byte> destination)
    {
        while (true)
        {
            var part = Math.Min(PayloadBytes, destination.Length);
            MemoryMarshal.CreateReadOnlySpan(ref Payload(first), part).CopyTo(destination);
            destination = destination[part..];
            if (destination.IsEmpty)
            {
                return;
            }

            first = Next(first);
        }
    }

    private Span<byte> Bytes(uint block) => MemoryMarshal.CreateSpan(ref Payload(block), BlockBytes);

    private void AddSlab()
    {
        if (_slabCount == _slabs.Length)
        {
            var grown = new byte[_slabCount * 2][];
            _slabs.CopyTo(grown, 0);
            Volatile.Write(ref _slabs, grown);
        }

        _slabs[_slabCount] = new byte[(SlabBlocks * BlockBytes) + SlackBytes];
        Volatile.Write(ref _slabCount, _slabCount + 1);
    }
}
