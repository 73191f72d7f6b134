using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Tests.Storage.Wal;

/// <summary>The log ends, or is wrong, at any byte: everything whole before that place is there after the next open.</summary>
public sealed class WalKillPointTests : WalTestBase
{
    private readonly List<(byte[] Record, long End)> _written = [];

    [Fact]
    public void Reopen_CutAtEveryOffset_KeepsEveryRecordBeforeTheCut()
    {
        Write(new Random(1), batches: 12, maxLength: 200);
        var whole = File.ReadAllBytes(SegmentFile(0));
        var end = (int)_written[^1].End;
        for (var cut = 0; cut <= end; cut++)
        {
            AssertReopened(whole[..cut], cut);
        }
    }

    [Fact]
    public void Reopen_CutAtRandomOffsetsOfManyPages_KeepsEveryRecordBeforeTheCut()
    {
        var random = new Random(2);
        Write(random, batches: 60, maxLength: 2 * WalFormat.PageSize);
        var whole = File.ReadAllBytes(SegmentFile(0));
        for (var round = 0; round < 150; round++)
        {
            var cut = random.Next(whole.Length + 1);
            AssertReopened(whole[..cut], cut);
        }
    }

    [Fact]
    public void Reopen_CutAndFilledWithZeros_KeepsEveryRecordBeforeTheCut()
    {
        var random = new Random(3);
        Write(random, batches: 60, maxLength: 5000);
        var whole = File.ReadAllBytes(SegmentFile(0));
        for (var round = 0; round < 150; round++)
        {
            var cut = random.Next(whole.Length + 1);
            var bytes = whole.ToArray();
            bytes.AsSpan(cut).Clear();
            AssertReopened(bytes, cut);
        }
    }

    [Fact]
    public void Reopen_FlippedBit_LosesAtMostTheRecordsOfOnePage()
    {
        var random = new Random(4);
        Write(random, batches: 80, maxLength: 3000);
        var whole = File.ReadAllBytes(SegmentFile(0));
        for (var round = 0; round < 300; round++)
        {
            var bytes = whole.ToArray();
            var at = random.Next((int)_written[^1].End);
            bytes[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(SegmentFile(0), bytes);

            ReadRecords(out var damages);
            Assert.All(WalRepair.Repair(damages), outcome => Assert.Null(outcome.Failure));
            var records = ReadRecords(out var left);
            Assert.Empty(left);

            var pageEnd = ((at / WalFormat.PageSize) + 1) * WalFormat.PageSize;
            var surely = _written.Where((item, i) => item.End <= at || Start(i) >= pageEnd).Select(item => item.Record).ToList();
            Assert.True(IsSubsequence(surely, records), $"flip at {at}");
            File.Delete(SegmentFile(0) + WalRepair.CopySuffix);
        }
    }

    [Fact]
    public void Repair_DamageInTheMiddle_KeepsLaterSegmentsAndACopy()
    {
        var options = new WalOptions(SegmentSize: WalFormat.PageSize, Compress: false);
        using (var writer = WalWriter.Open(WalDirectory, options))
        {
            for (byte i = 1; i <= 40; i++)
            {
                Assert.Null(writer.Append(BatchOf(Filled(i))));
            }
        }

        var damaged = File.ReadAllBytes(SegmentFile(0));
        damaged[WalFormat.HeaderSize + 3000 + WalFormat.HeaderSize + 5] ^= 1;
        File.WriteAllBytes(SegmentFile(0), damaged);

        ReadRecords(out var damages);
        var damage = Assert.Single(damages);
        Assert.Equal((SegmentFile(0), 3007L), (damage.File, damage.Offset));
        var outcome = Assert.Single(WalRepair.Repair(damages));

        Assert.False(outcome.IsTornEnd);
        Assert.Equal(damaged, File.ReadAllBytes(outcome.Copy!));
        Assert.Equal(Enumerable.Range(1, 40).Where(i => i != 2).Select(i => Filled((byte)i)), ReadRecords(out var left));
        Assert.Empty(left);
    }

    private static byte[] Filled(byte value)
    {
        var record = new byte[3000];
        record.AsSpan().Fill(value);
        return record;
    }

    private void Write(Random random, int batches, int maxLength)
    {
        var options = new WalOptions();
        using var writer = WalWriter.Open(WalDirectory, options);
        for (var i = 0; i < batches; i++)
        {
            var record = RandomRecord(random, maxLength);
            Assert.Null(writer.Append(BatchOf(record)));
            _written.Add((record, writer.Published.Position.Offset));
        }
    }

    private long Start(int index) => index == 0 ? 0 : _written[index - 1].End;

    private void AssertReopened(byte[] bytes, int cut)
    {
        File.WriteAllBytes(SegmentFile(0), bytes);
        ReadRecords(out var damages);
        WalRepair.Repair(damages);
        using (var writer = WalWriter.Open(WalDirectory))
        {
            Assert.Null(writer.Append(BatchOf([42])));
        }

        var expected = _written.Where(item => item.End <= cut).Select(item => item.Record).Append([42]).ToList();
        Assert.True(expected.SequenceEqual(ReadRecords(out var left), RecordComparer.Instance), $"cut at {cut}");
        Assert.Empty(left);
        File.Delete(SegmentFile(1));
    }

    private static bool IsSubsequence(List<byte[]> wanted, List<byte[]> records)
    {
        var at = 0;
        foreach (var record in records)
        {
            if (at < wanted.Count && wanted[at].AsSpan().SequenceEqual(record))
            {
                at++;
            }
        }

        return at == wanted.Count;
    }
}
