using System.Buffers.Binary;
using System.Numerics;

namespace ScrapeCluster.Model;

/// <summary>xxHash64 as published at https://github.com/Cyan4973/xxHash (doc/xxhash_spec.md).</summary>
public static class XxHash64
{
    private const ulong P1 = 11400714785074694791;
    private const ulong P2 = 14029467366897019727;
    private const ulong P3 = 1609587929392839161;
    private const ulong P4 = 9650029242287828579;
    private const ulong P5 = 2870177450012600261;

    public static ulong Hash(ReadOnlySpan<byte> data, ulong seed = 0)
    {
        unchecked
        {
            var length = (ulong)data.Length;
            ulong hash;
            if (data.Length >= 32)
            {
                var a = seed + P1 + P2;
                var b = seed + P2;
                var c = seed;
                var d = seed - P1;
                while (data.Length >= 32)
                {
                    a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(data));
                    b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(data[8..]));
                    c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(data[16..]));
                    d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(data[24..]));
                    data = data[32..];
                }

                hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
                hash = Merge(Merge(Merge(Merge(hash, a), b), c), d);
            }
            else
            {
                hash = seed + P5;
            }

            return Finish(hash + length, data);
        }
    }

    private static ulong Finish(ulong hash, ReadOnlySpan<byte> rest)
    {
        unchecked
        {
            while (rest.Length >= 8)
            {
                hash ^= Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest));
                hash = (BitOperations.RotateLeft(hash, 27) * P1) + P4;
                rest = rest[8..];
            }

            if (rest.Length >= 4)
            {
                hash ^= BinaryPrimitives.ReadUInt32LittleEndian(rest) * P1;
                hash = (BitOperations.RotateLeft(hash, 23) * P2) + P3;
                rest = rest[4..];
            }

            foreach (var b in rest)
            {
                hash ^= b * P5;
                hash = BitOperations.RotateLeft(hash, 11) * P1;
            }

            hash ^= hash >> 33;
            hash *= P2;
            hash ^= hash >> 29;
            hash *= P3;
            return hash ^ (hash >> 32);
        }
    }

    private static ulong Round(ulong accumulator, ulong lane)
    {
        return unchecked(BitOperations.RotateLeft(accumulator + (lane * P2), 31) * P1);
    }

    private static ulong Merge(ulong hash, ulong accumulator)
    {
        return unchecked(((hash ^ Round(0, accumulator)) * P1) + P4);
    }
}
