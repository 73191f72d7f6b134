namespace ScrapeCluster.Model;

/// <summary>FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/). Chain calls by handing the last result on.</summary>
public static class Fnv1a64
{
    public const ulong OffsetBasis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Hash(ReadOnlySpan<byte> data, ulong hash = OffsetBasis)
    {
        foreach (var b in data)
        {
            hash = unchecked((hash ^ b) * Prime);
        }

        return hash;
    }
}
