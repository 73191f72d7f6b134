using System.Buffers.Binary;
using System.Security.Cryptography;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite.Positions;

/// <summary>What a position file says of itself.</summary>
/// <param name="Generation">Grows with every file that takes the place of another one.</param>
/// <param name="UrlHash">Of the receiver's URL (<see cref="PositionFormat.HashUrl"/>): a queue under a new name finds the file of the old one by it.</param>
/// <param name="Base">No shard was before this place when the file was made.</param>
internal readonly record struct PositionHeader(ulong Generation, int ShardCount, UInt128 UrlHash, SamplePosition Base);

/// <summary>Bytes of a position file, see FORMAT.md.</summary>
internal static class PositionFormat
{
    public const int HeaderLength = 64;
    public const int SlotLength = 48;
    public const int SlotsPerShard = 2;

    /// <summary>More is a damaged number: the shards of a queue are counted in tens.</summary>
    public const int MaxShards = 1 << 16;

    private const int HeaderChecked = 60;
    private const int SlotChecked = 44;

    private static ReadOnlySpan<byte> Magic => "SCRWPOS1"u8;

    public static int FileLength(int shardCount) => (2 * HeaderLength) + (shardCount * SlotsPerShard * SlotLength);

    /// <summary>Where a write of this number goes: each shard's writes alternate between its two slots.</summary>
    public static long SlotOffset(int shard, ulong sequence) => HeaderLength + (((shard * SlotsPerShard) + (int)(sequence % SlotsPerShard)) * (long)SlotLength);

    /// <summary>Of the URL as configured. A hash, since URLs may hold passwords.</summary>
    public static UInt128 HashUrl(string url) => BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(url)));

    public static void WriteHeader(Span<byte> header, PositionHeader value)
    {
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], value.Generation);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], value.ShardCount);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], 0);
        BinaryPrimitives.WriteUInt128LittleEndian(header[24..], value.UrlHash);
        WritePosition(header[40..], value.Base);
        BinaryPrimitives.WriteInt32LittleEndian(header[56..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(header[HeaderChecked..], WalChecksum.Compute(header[..HeaderChecked]));
    }

    public static bool TryReadHeader(ReadOnlySpan<byte> header, out PositionHeader value)
    {
        value = default;
        if (header.Length < HeaderLength || !header.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(header[HeaderChecked..]) != WalChecksum.Compute(header[..HeaderChecked]))
        {
            return false;
        }

        value = new PositionHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(header[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(header[16..]),
            BinaryPrimitives.ReadUInt128LittleEndian(header[24..]),
            ReadPosition(header[40..]));
        return value.ShardCount is > 0 and <= MaxShards;
    }

    public static void WriteSlot(Span<byte> slot, int shard, ulong sequence, ShardPosition position)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(slot, sequence);
        WritePosition(slot[8..], position.Acknowledged);
        WritePosition(slot[24..], position.RequestEnd);
        BinaryPrimitives.WriteInt32LittleEndian(slot[40..], shard);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[SlotChecked..], WalChecksum.Compute(slot[..SlotChecked]));
    }

    public static bool TryReadSlot(ReadOnlySpan<byte> slot, int shard, out ulong sequence, out ShardPosition position)
    {
        sequence = BinaryPrimitives.ReadUInt64LittleEndian(slot);
        position = new ShardPosition(ReadPosition(slot[8..]), ReadPosition(slot[24..]));
        return BinaryPrimitives.ReadUInt32LittleEndian(slot[SlotChecked..]) == WalChecksum.Compute(slot[..SlotChecked])
            && BinaryPrimitives.ReadInt32LittleEndian(slot[40..]) == shard
            && sequence > 0
            && position.RequestEnd >= position.Acknowledged;
    }

    private static void WritePosition(Span<byte> bytes, SamplePosition position)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes, position.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], position.Segment);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[12..], position.Index);
    }

    private static SamplePosition ReadPosition(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]));
}
