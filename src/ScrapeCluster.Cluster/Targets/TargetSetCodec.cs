using System.IO.Compression;
using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Targets;

/// <summary>The targets of one bucket, as its owner needs them.</summary>
/// <param name="ForcedFault">Fails every scrape without HTTP; null normally.</param>
public sealed record TargetSet(IReadOnlyList<ScrapeTarget> Targets, string? ForcedFault);

/// <param name="Checksum">xxHash64 of the message before it was packed: two sets are equal when their checksums are.</param>
/// <param name="Packed">The message of <c>target_set.proto</c>, deflated.</param>
public readonly record struct EncodedTargetSet(ulong Checksum, byte[] Packed);

/// <summary>
/// Writes target sets so that equal sets give equal bytes: targets in the order of their hashes, every label text once. Reads them with bounds, since what
/// comes from a database or a peer may be damaged or made to hurt.
/// </summary>
public static class TargetSetCodec
{
    /// <summary>A bucket has 500 targets, or more of a job that was never split; a target is a few KiB.</summary>
    public const int MaxUnpackedBytes = 64 << 20;

    public static EncodedTargetSet Encode(TargetSet set)
    {
        var symbols = new SymbolWriter();
        var message = new TargetSetMessage { ForcedFault = set.ForcedFault ?? "" };
        message.Targets.AddRange(set.Targets.OrderBy(target => target.Hash).Select(target => Write(target, symbols)));
        message.Symbols.AddRange(symbols.Texts);
        var bytes = message.ToByteArray();
        return new EncodedTargetSet(XxHash64.Hash(bytes), Pack(bytes));
    }

    /// <summary>False with a reason for what is damaged, too large, or not what the checksum says.</summary>
    public static bool TryDecode(EncodedTargetSet encoded, out TargetSet set, out string fault)
    {
        set = new TargetSet([], null);
        fault = "";
        try
        {
            var bytes = Unpack(encoded.Packed);
            if (XxHash64.Hash(bytes) != encoded.Checksum)
            {
                fault = "its checksum is wrong";
                return false;
            }

            var message = TargetSetMessage.Parser.ParseFrom(bytes);
            set = new TargetSet(
                [.. message.Targets.Select(target => Read(target, message.Symbols))], message.ForcedFault.Length > 0 ? message.ForcedFault : null);
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException or ArgumentOutOfRangeException)
        {
            fault = e.Message;
            return false;
        }
    }

    private static TargetMessage Write(ScrapeTarget target, SymbolWriter symbols)
    {
        var message = new TargetMessage
        {
            Url = target.Url,
            UnixSocket = target.UnixSocket ?? "",
            IntervalMs = (long)target.Interval.TotalMilliseconds,
            TimeoutMs = (long)target.Timeout.TotalMilliseconds,
            Hash = target.Hash,
            ConvertClassicHistograms = target.ConvertClassicHistogramsToNhcb,
            AlwaysScrapeClassicHistograms = target.AlwaysScrapeClassicHistograms,
            ScrapeNativeHistograms = target.ScrapeNativeHistograms,
        };
        symbols.Write(target.Labels, message.Labels);
        symbols.Write(target.AllLabels, message.AllLabels);
        symbols.Write(target.DiscoveredLabels, message.DiscoveredLabels);
        return message;
    }

    private static ScrapeTarget Read(TargetMessage message, IList<ByteString> symbols) => new()
    {
        Labels = Read(message.Labels, symbols),
        AllLabels = Read(message.AllLabels, symbols),
        DiscoveredLabels = Read(message.DiscoveredLabels, symbols),
        Url = message.Url,
        UnixSocket = message.UnixSocket.Length > 0 ? message.UnixSocket : null,
        Interval = TimeSpan.FromMilliseconds(message.IntervalMs),
        Timeout = TimeSpan.FromMilliseconds(message.TimeoutMs),
        Hash = message.Hash,
        ConvertClassicHistogramsToNhcb = message.ConvertClassicHistograms,
        AlwaysScrapeClassicHistograms = message.AlwaysScrapeClassicHistograms,
        ScrapeNativeHistograms = message.ScrapeNativeHistograms,
    };

    private static Labels Read(IList<uint> pairs, IList<ByteString> symbols)
    {
        var builder = new LabelsBuilder();
        for (var i = 0; i + 1 < pairs.Count; i += 2)
        {
            builder.Add(symbols[(int)pairs[i]].Span, symbols[(int)pairs[i + 1]].Span);
        }

        return builder.ToLabels();
    }

    private static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return packed.ToArray();
    }

    private static byte[] Unpack(byte[] packed)
    {
        using var deflate = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        var buffer = new byte[32 * 1024];
        for (int read; (read = deflate.Read(buffer)) > 0;)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MaxUnpackedBytes)
            {
                throw new InvalidDataException($"it is larger than {MaxUnpackedBytes} bytes unpacked");
            }
        }

        return bytes.ToArray();
    }
}
