using System.Buffers.Binary;

namespace ScrapeCluster.Storage.Chunks;

/// <summary>An XOR chunk as files and blocks hold it: the count of its samples in two bytes, big-endian, then the samples.</summary>
internal static class XorChunk
{
    public const int CountBytes = 2;

    /// <summary>Samples in a chunk; every encoding that Prometheus has begins with it. 0 where the bytes are no chunk.</summary>
    public static int CountOf(ReadOnlySpan<byte> chunk) => chunk.Length < CountBytes ? 0 : BinaryPrimitives.ReadUInt16BigEndian(chunk);

    /// <summary>A reader of its samples; one that has failed where the bytes are no chunk.</summary>
    public static XorReader Read(ReadOnlySpan<byte> chunk)
    {
        return chunk.Length < CountBytes
            ? new XorReader([], 1)
            : new XorReader(chunk[CountBytes..], BinaryPrimitives.ReadUInt16BigEndian(chunk));
    }

    /// <summary>True when its samples go from the one time to the other, both included, in the order of time.</summary>
    public static bool IsFromTo(ReadOnlySpan<byte> chunk, long minMs, long maxMs)
    {
        var samples = Read(chunk);
        var lastMs = long.MinValue;
        while (samples.MoveNext())
        {
            if (lastMs == long.MinValue ? samples.TimestampMs != minMs : samples.TimestampMs <= lastMs)
            {
                return false;
            }

            lastMs = samples.TimestampMs;
        }

        return !samples.Failed && lastMs == maxMs;
    }
}
