using ScrapeCluster.Cluster.Targets;
using ScrapeCluster.Model;

namespace ScrapeCluster.Tests.Cluster.Targets;

public sealed class TargetSetCodecTests
{
    [Fact]
    public void Decode_WhatWasEncoded_IsTheSame()
    {
        var set = new TargetSet([Target(3), Target(1) with { UnixSocket = "/run/x.sock", ScrapeNativeHistograms = true }, Target(2)], "over the limit");

        Assert.True(TargetSetCodec.TryDecode(TargetSetCodec.Encode(set), out var read, out var fault), fault);

        Assert.Equal(set.ForcedFault, read.ForcedFault);
        Assert.Equal(set.Targets.OrderBy(target => target.Hash), read.Targets);
    }

    [Fact]
    public void Encode_InAnotherOrder_GivesTheSameBytes()
    {
        var one = TargetSetCodec.Encode(new TargetSet([Target(1), Target(2)], null));
        var other = TargetSetCodec.Encode(new TargetSet([Target(2), Target(1)], null));

        Assert.Equal(one.Checksum, other.Checksum);
        Assert.Equal(one.Packed, other.Packed);
        Assert.NotEqual(one.Checksum, TargetSetCodec.Encode(new TargetSet([Target(1)], null)).Checksum);
    }

    [Fact]
    public void Encode_FiveHundredTargets_IsSmall()
    {
        var encoded = TargetSetCodec.Encode(new TargetSet([.. Enumerable.Range(0, 500).Select(number => Target((ulong)number * 7919))], null));

        Assert.InRange(encoded.Packed.Length, 1, 40_000);
    }

    [Fact]
    public void Decode_Damaged_SaysSoAndNeverThrows()
    {
        var encoded = TargetSetCodec.Encode(new TargetSet([.. Enumerable.Range(0, 20).Select(number => Target((ulong)number))], null));
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = encoded.Packed[..random.Next(1, encoded.Packed.Length + 1)];
            bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
            if (!TargetSetCodec.TryDecode(encoded with { Packed = bytes }, out var set, out var fault))
            {
                Assert.NotEmpty(fault);
                Assert.Empty(set.Targets);
            }
        }
    }

    [Fact]
    public void Decode_ABomb_IsRefused()
    {
        using var packed = new MemoryStream();
        using (var deflate = new System.IO.Compression.DeflateStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i <= TargetSetCodec.MaxUnpackedBytes >> 20; i++)
            {
                deflate.Write(zeros);
            }
        }

        Assert.False(TargetSetCodec.TryDecode(new EncodedTargetSet(0, packed.ToArray()), out _, out var fault));
        Assert.Contains("larger", fault, StringComparison.Ordinal);
    }

    private static ScrapeTarget Target(ulong hash) => new()
    {
        Labels = Labels.Of(("job", "web"), ("instance", $"host-{hash}:9100")),
        AllLabels = Labels.Of(("job", "web"), ("instance", $"host-{hash}:9100"), ("__address__", $"host-{hash}:9100")),
        DiscoveredLabels = Labels.Of(("__address__", $"host-{hash}:9100"), ("__meta_filepath", "/etc/targets/web.json")),
        Url = $"http://host-{hash}:9100/metrics",
        Interval = TimeSpan.FromSeconds(15),
        Timeout = TimeSpan.FromSeconds(10),
        Hash = hash,
    };
}
