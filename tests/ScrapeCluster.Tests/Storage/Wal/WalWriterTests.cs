using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;

namespace ScrapeCluster.Tests.Storage.Wal;

public sealed class WalWriterTests : WalTestBase
{
    [Fact]
    public void Append_SeriesAndSamples_AreReadBack()
    {
        var labels = Labels.Of(("__name__", "up"), ("job", "node"));
        var batch = new WalBatch();
        batch.AddSeries(7, labels);
        batch.AddSamples([7, 8], [1.5, SpecialValues.StaleNaN], 1000);
        batch.AddSample(9, 1005, -3);
        using (var writer = WalWriter.Open(WalDirectory))
        {
            Assert.Null(writer.Append(batch));
        }

        var samples = new List<(ulong, long, ulong)>();
        using var reader = new WalReader(WalDirectory);
        var builder = new LabelsBuilder();
        while (reader.TryRead(out var record))
        {
            if ((WalRecordType)record[0] == WalRecordType.Series)
            {
                var series = new SeriesRecordReader(record);
                Assert.True(series.MoveNext());
                series.ReadLabels(builder);
                Assert.Equal(7ul, series.Ref);
                Assert.Equal(labels, builder.ToLabels());
                Assert.False(series.MoveNext());
            }
            else
            {
                var decoded = new SamplesRecordReader(record);
                while (decoded.MoveNext())
                {
                    samples.Add((decoded.Ref, decoded.TimestampMs, BitConverter.DoubleToUInt64Bits(decoded.Value)));
                }
            }
        }

        Assert.Empty(reader.Damages);
        Assert.Equal([(7, 1000, BitConverter.DoubleToUInt64Bits(1.5)), (8, 1000, SpecialValues.StaleNaNBits), (9, 1005, BitConverter.DoubleToUInt64Bits(-3))], samples);
    }

    [Fact]
    public void Open_Again_StartsANewSegment()
    {
        for (var i = 0; i < 3; i++)
        {
            using var writer = WalWriter.Open(WalDirectory);
            Assert.Equal(i, writer.SegmentIndex);
        }

        Assert.Equal([0, 1, 2], WalFormat.Segments(WalDirectory));
    }
}
