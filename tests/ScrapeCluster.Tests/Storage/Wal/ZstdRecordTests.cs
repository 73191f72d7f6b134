using System.Buffers.Binary;
using ScrapeCluster.Storage.Wal;
using ZstdSharp;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>Records that Prometheus 3 wrote with zstd: read, bounded, and gone as zstd with their segment.</summary>
public sealed class ZstdRecordTests : WalTestBase
{
    private readonly List<byte> _segment = [];

    [Fact]
    public void Read_RandomRecords_AreWhatWasWritten()
    {
        var random = new Random(1);
        var records = Enumerable.Range(0, 60).Select(i => RandomRecord(random, i % 5 == 0 ? 300_000 : 3000)).ToList();
        foreach (var record in records)
        {
            using var compressor = new Compressor(3);
            AddRecord(compressor.Wrap(record), WalFormat.ZstdFlag);
        }

        Write();
        Assert.Equal(records, ReadRecords(out var damages));
        Assert.Empty(damages);
    }

    [Fact]
    public void Read_FrameWithoutContentSize_IsRead()
    {
        var record = new byte[500_000];
        new Random(2).NextBytes(record.AsSpan(0, 100_000));
        AddRecord(Streamed(record), WalFormat.ZstdFlag);
        AddRecord([1, 2], 0);
        Write();
        Assert.Equal([record, [1, 2]], ReadRecords(out var damages));
        Assert.Empty(damages);
    }

    [Fact]
    public void Read_DamagedFrame_IsToldAndTheOthersStay()
    {
        using var compressor = new Compressor(3);
        AddRecord(compressor.Wrap(new byte[100]), WalFormat.ZstdFlag);
        var damaged = compressor.Wrap(Enumerable.Range(0, 200).Select(i => (byte)i).ToArray()).ToArray();
        damaged.AsSpan(6, 3).Fill(0xFF);
        var at = AddRecord(damaged, WalFormat.ZstdFlag);
        AddRecord(compressor.Wrap(new byte[50]), WalFormat.ZstdFlag);
        Write();

        Assert.Equal([new byte[100], new byte[50]], ReadRecords(out var damages));
        var damage = Assert.Single(damages);
        Assert.Equal((SegmentFile(0), at), (damage.File, damage.Offset));
        Assert.Contains("zstd", damage.Reason);
    }

    /// <summary>A few bytes that promise a terabyte.</summary>
    [Fact]
    public void Read_FrameThatPromisesTooMuch_TakesNoRoomForIt()
    {
        byte[] promise = [0x28, 0xB5, 0x2F, 0xFD, 0xE0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
        AddRecord(promise, WalFormat.ZstdFlag);
        AddRecord([7], 0);
        Write();
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal([[7]], ReadRecords(out var damages));

        Assert.Contains("length cannot be", Assert.Single(damages).Reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void Open_DirectoryWithZstd_ReplaysItsSamplesAndACheckpointKeepsThem()
    {
        using var storage = new StorageFixture(options => options with { Wal = options.Wal with { Compress = false } });
        for (var i = 0; i < 20; i++)
        {
            storage.Append($"series{i % 5}", 1000 + i, i);
        }

        storage.Storage.Dispose();
        var segment = Directory.EnumerateFiles(storage.Storage.WalDirectory, "0*").Order(StringComparer.Ordinal).Last();
        foreach (var record in ReferenceWal.Records(File.ReadAllBytes(segment)))
        {
            using var compressor = new Compressor(1);
            AddRecord(compressor.Wrap(record), WalFormat.ZstdFlag);
        }

        File.WriteAllBytes(segment, [.. _segment]);
        storage.Reopen();
        Assert.Equal(20, storage.Select("{job=\"test\"}").Sum(series => series.TimestampsMs.Length));
        Assert.Equal(0, storage.Storage.Corruptions);

        storage.Storage.Dispose();
        Checkpoint.Write(storage.Storage.WalDirectory, WalFormat.Segments(storage.Storage.WalDirectory)[^1], _ => true, 0);
        storage.Reopen();
        Assert.Equal(20, storage.Select("{job=\"test\"}").Sum(series => series.TimestampsMs.Length));
    }

    private static byte[] Streamed(byte[] content)
    {
        using var compressor = new Compressor(1);
        var output = new byte[Compressor.GetCompressBound(content.Length) + 1024];
        var written = 0;
        for (var at = 0; at < content.Length; at += 100_000)
        {
            compressor.WrapStream(content.AsSpan(at, 100_000), output.AsSpan(written), out var consumed, out var part, isFinalBlock: false);
            Assert.Equal(100_000, consumed);
            written += part;
        }

        compressor.FlushStream(output.AsSpan(written), out var last, isFinalBlock: true);
        return output[..(written + last)];
    }

    /// <summary>Splits at page ends, as the format page says; returns where the record starts.</summary>
    private long AddRecord(ReadOnlySpan<byte> stored, byte flags)
    {
        var start = _segment.Count;
        for (var at = 0; at < stored.Length;)
        {
            var room = WalFormat.PageSize - (_segment.Count % WalFormat.PageSize) - WalFormat.HeaderSize;
            if (room <= 0)
            {
                // With exactly a header's room an empty first part would stand here; zeros are as good to a reader.
                _segment.AddRange(new byte[room + WalFormat.HeaderSize]);
                start = at == 0 ? _segment.Count : start;
                continue;
            }

            var part = stored.Slice(at, Math.Min(room, stored.Length - at));
            var isLast = at + part.Length == stored.Length;
            var type = at == 0 ? (isLast ? 1 : 2) : (isLast ? 4 : 3);
            var header = new byte[WalFormat.HeaderSize];
            header[0] = (byte)(type | flags);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(1), (ushort)part.Length);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(3), ReferenceWal.Crc32C(part));
            _segment.AddRange(header);
            _segment.AddRange(part);
            at += part.Length;
        }

        return start;
    }

    private void Write() => File.WriteAllBytes(SegmentFile(0), [.. _segment]);
}
