using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>Texts one behind the other, in pages that are never moved; for readers beside one writer as <see cref="PagedList{T}"/> is.</summary>
internal sealed class PagedBytes
{
    public const int Slack = 32;

    private const int PageLog2 = 16;
    private const int PageLength = 1 << PageLog2;

    private byte[][] _pages = [];
    private uint _end;

    public ReadOnlySpan<byte> At(uint place, int length) => _pages[place >> PageLog2].AsSpan((int)(place & (PageLength - 1)), length);

    /// <summary>
    /// Writes a text, and maybe something else behind it: short texts, which labels are, go as a whole vector, for less than half of what a call costs.
    /// The destination needs room for <see cref="Slack"/> bytes more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(uint place, int length, Span<byte> destination)
    {
        var source = _pages[place >> PageLog2].AsSpan((int)(place & (PageLength - 1)));
        if (length > Slack || source.Length < Slack)
        {
            source[..length].CopyTo(destination);
            return;
        }

        Vector256.Create<byte>(source).CopyTo(destination);
    }

    /// <summary>Stores the text within one page (one longer than a page gets one of its own length) and returns its place.</summary>
    public uint Add(ReadOnlySpan<byte> text)
    {
        if (_end >> PageLog2 >= _pages.Length || PageLength - (_end & (PageLength - 1)) < (uint)text.Length)
        {
            _end = checked((uint)_pages.Length << PageLog2);
            Volatile.Write(ref _pages, [.. _pages, new byte[Math.Max(PageLength, text.Length)]]);
        }

        var place = _end;
        text.CopyTo(_pages[place >> PageLog2].AsSpan((int)(place & (PageLength - 1))));
        _end += (uint)text.Length;
        return place;
    }
}
