using System.Numerics;
using System.Runtime.InteropServices;

namespace ScrapeCluster.Storage.Wal;

/// <summary>CRC-32C as the format wants it: start and end inverted, which <see cref="BitOperations"/> leaves to its caller.</summary>
public static class WalChecksum
{
    /// <param name="before">The checksum of the bytes that stand before these, to go on from it.</param>
    public static uint Compute(ReadOnlySpan<byte> data, uint before = 0)
    {
        var crc = ~before;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var value in data[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
