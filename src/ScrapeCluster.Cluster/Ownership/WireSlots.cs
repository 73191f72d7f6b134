using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Slots and lines as they are written in messages between nodes.</summary>
internal static class WireSlots
{
    public static SlotMessage Write(SlotKey slot, int count) => new() { Job = slot.Bucket.Job, Bucket = slot.Bucket.Bucket, Slot = slot.Slot, Count = count };

    public static SlotKey Read(SlotMessage? message) => message is null ? default : new SlotKey(new BucketKey(message.Job, message.Bucket), message.Slot);

    /// <remarks>The bytes are shared, not copied: nobody writes to packed lines.</remarks>
    public static LinesMessage Write(TargetLines lines) => new() { TargetHash = lines.TargetHash, Packed = UnsafeByteOperations.UnsafeWrap(lines.Packed) };

    public static List<TargetLines> Read(IEnumerable<LinesMessage> messages) => [.. messages.Select(line => new TargetLines(line.TargetHash, line.Packed.ToByteArray()))];
}
