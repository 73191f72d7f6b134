using System.Text;

namespace ScrapeCluster.Model;

/// <summary>Order of strings by their UTF-8 bytes, as Go sorts; ordinal order differs where surrogates meet U+E000..U+FFFF.</summary>
public sealed class Utf8Order : IComparer<string>
{
    public static readonly Utf8Order Instance = new();

    private Utf8Order()
    {
    }

    public int Compare(string? x, string? y)
    {
        return (x, y) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            _ => Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y)),
        };
    }
}
