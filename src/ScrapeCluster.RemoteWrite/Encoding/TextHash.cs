using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>Hashes of encoded texts, the same in all stores and requests of a process. Seeded, since targets choose the texts.</summary>
internal static class TextHash
{
    private static readonly ulong Seed = unchecked((ulong)Random.Shared.NextInt64());

    public static uint Of(ReadOnlySpan<byte> text) => unchecked((uint)XxHash64.Hash(text, Seed));
}
