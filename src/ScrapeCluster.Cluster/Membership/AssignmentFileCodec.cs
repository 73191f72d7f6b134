using System.Buffers.Binary;
using Google.Protobuf;
using ScrapeCluster.Cluster.Peers;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Membership;

/// <summary>What a node knew when it ran last.</summary>
/// <param name="TargetSets">Of its own slots.</param>
internal sealed record KeptAssignments(
    string Cluster, string Node, long Version, long Epoch, IReadOnlyList<Assignment> Rows, IReadOnlyList<StoredTargetSet> TargetSets, IReadOnlyList<PeerAddress> Peers);

/// <summary>Bytes of the file: eight of magic and version, the xxHash64 of the rest, the message. Pure.</summary>
internal static class AssignmentFileCodec
{
    private const int HeaderLength = 16;

    private static ReadOnlySpan<byte> Magic => "SCASGN01"u8;

    public static byte[] Write(KeptAssignments kept)
    {
        var message = new AssignmentFileMessage { Cluster = kept.Cluster, Node = kept.Node, Known = AssignmentMessages.Write(kept.Version, kept.Epoch, kept.Rows) };
        message.Sets.AddRange(kept.TargetSets.Select(Write));
        message.Peers.AddRange(kept.Peers.Select(peer => new KeptPeer { Node = peer.Node, Address = peer.Address }));
        var body = message.ToByteArray();
        var file = new byte[HeaderLength + body.Length];
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(Magic.Length), XxHash64.Hash(body));
        body.CopyTo(file, HeaderLength);
        return file;
    }

    /// <summary>Null when the bytes are not such a file, are of another version, or are damaged.</summary>
    public static KeptAssignments? Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < HeaderLength || !file.StartsWith(Magic) || BinaryPrimitives.ReadUInt64LittleEndian(file[Magic.Length..]) != XxHash64.Hash(file[HeaderLength..]))
        {
            return null;
        }

        try
        {
            var message = AssignmentFileMessage.Parser.ParseFrom(file[HeaderLength..]);
            return new KeptAssignments(
                message.Cluster, message.Node, message.Known?.Version ?? 0, message.Known?.Epoch ?? 0, [.. (message.Known?.Rows ?? []).Select(AssignmentMessages.Read)],
                [.. message.Sets.Select(Read)], [.. message.Peers.Select(peer => new PeerAddress(peer.Node, peer.Address))]);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static KeptTargetSet Write(StoredTargetSet set) => new()
    {
        Job = set.Bucket.Key.Job,
        Bucket = set.Bucket.Key.Bucket,
        Count = set.Bucket.Count,
        Version = set.Version,
        Checksum = set.Checksum,
        Payload = UnsafeByteOperations.UnsafeWrap(set.Payload),
    };

    private static StoredTargetSet Read(KeptTargetSet set) =>
        new(new BucketRef(new BucketKey(set.Job, set.Bucket), set.Count), set.Version, set.Checksum, set.Payload.ToByteArray());
}
