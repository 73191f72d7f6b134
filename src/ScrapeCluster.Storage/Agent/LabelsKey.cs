using System.Buffers.Binary;
using System.Security.Cryptography;
using ScrapeCluster.Model;

namespace ScrapeCluster.Storage.Agent;

/// <summary>
/// Stands for a label set: the first half of its SHA-256. The labels themselves stay in the log, which is what lets a million series fit. Labels come from
/// targets that nobody need trust, so the hash must be one for which nobody can find two label sets with one key; it is taken once a series.
/// </summary>
internal readonly record struct LabelsKey(ulong High, ulong Low)
{
    public static LabelsKey Of(Labels labels)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(labels.Packed, hash);
        return new LabelsKey(BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash[sizeof(ulong)..]));
    }
}
