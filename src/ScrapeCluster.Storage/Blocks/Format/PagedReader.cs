using System.Buffers;

namespace ScrapeCluster.Storage.Blocks.Format;

/// <summary>
/// Reads one file here and there through a few pages that stay in memory for as long as the reader lives. For one thread; what is handed
/// out is valid until the next call.
/// </summary>
internal sealed class PagedReader(BlockFile file) : IDisposable
{
    private const int PageLog2 = 13;
    private const int PageBytes = 1 << PageLog2;
    private const int PageCount = 64;

    private readonly Page[] _pages = new Page[PageCount];
    private byte[] _joined = [];

    private struct Page
    {
        public byte[]? Bytes;
        public long Number;
        public int Length;
    }

    public BlockFile File => file;

    /// <summary>All of the bytes or an exception.</summary>
    public ReadOnlySpan<byte> Read(long offset, int length)
    {
        var bytes = ReadUpTo(offset, length);
        return bytes.Length == length
            ? bytes
            : throw file.Damage(offset, $"{length} bytes are wanted, the file ends after {bytes.Length} of them");
    }

    /// <summary>Fewer bytes than asked for only at the end of the file.</summary>
    public ReadOnlySpan<byte> ReadUpTo(long offset, int length)
    {
        if (offset < 0 || offset > file.Length)
        {
            throw file.Damage(offset, $"this is outside of the file of {file.Length} bytes");
        }

        length = (int)Math.Min(length, file.Length - offset);
        var at = (int)(offset & (PageBytes - 1));
        return at + length <= PageBytes ? PageAt(offset >> PageLog2).Slice(at, length) : Join(offset, length);
    }

    /// <summary>Copies all of the bytes or throws; many of them come from the file at once, past the pages.</summary>
    public void ReadInto(Span<byte> bytes, long offset)
    {
        if (bytes.Length > PageBytes)
        {
            file.Read(bytes, offset);
        }
        else
        {
            Read(offset, bytes.Length).CopyTo(bytes);
        }
    }

    public void Dispose()
    {
        foreach (ref var page in _pages.AsSpan())
        {
            if (page.Bytes is { } bytes)
            {
                page.Bytes = null;
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
    }

    private ReadOnlySpan<byte> PageAt(long number)
    {
        ref var page = ref _pages[number & (PageCount - 1)];
        if (page.Bytes is null || page.Number != number)
        {
            page.Bytes ??= ArrayPool<byte>.Shared.Rent(PageBytes);
            page.Number = -1;
            page.Length = file.ReadUpTo(page.Bytes.AsSpan(0, PageBytes), number << PageLog2);
            page.Number = number;
        }

        return page.Bytes.AsSpan(0, page.Length);
    }

    /// <summary>What reaches over the end of a page: small pieces out of two pages, large ones past them.</summary>
    private ReadOnlySpan<byte> Join(long offset, int length)
    {
        if (_joined.Length < length)
        {
            _joined = new byte[Math.Max(length, PageBytes)];
        }

        var joined = _joined.AsSpan(0, length);
        if (length > PageBytes)
        {
            file.Read(joined, offset);
            return joined;
        }

        var first = PageAt(offset >> PageLog2)[(int)(offset & (PageBytes - 1))..];
        first.CopyTo(joined);
        PageAt((offset >> PageLog2) + 1)[..(length - first.Length)].CopyTo(joined[first.Length..]);
        return joined;
    }
}
