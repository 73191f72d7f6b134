using ScrapeCluster.Model;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Storage.Wal.Records;
using ScrapeCluster.Tests.Storage.Faults;

namespace ScrapeCluster.Tests.Storage.Wal;

public sealed class CheckpointTests : WalTestBase
{
    private static readonly MetricMetadata Old = new(MetricType.Counter, "old", "");
    private static readonly MetricMetadata New = new(MetricType.Gauge, "new", "seconds");

    [Fact]
    public void Write_KeepsKnownSeriesAndYoungSamples_AndDeletesTheSegments()
    {
        using var writer = WalWriter.Open(WalDirectory);
        Append(writer, batch =>
        {
            batch.AddSeries(1, SeriesLabels(1));
            batch.AddSeries(2, SeriesLabels(2));
            batch.AddSamples([1, 2], [1, 2], 100);
            batch.AddMetadata(1, Old);
        });
        writer.StartNextSegment();
        Append(writer, batch =>
        {
            batch.AddMetadata(1, New);
            batch.AddSamples([1, 2], [3, 4], 200);
        });
        writer.StartNextSegment();
        Append(writer, batch => batch.AddSamples([1], [5], 300));

        var outcome = Checkpoint.Write(WalDirectory, 1, seriesRef => seriesRef == 1, 200);

        Assert.Equal(new CheckpointCounts(1, 1, 1, 3, 0, 0, 0), outcome.Counts);
        Assert.Equal([2], WalFormat.Segments(WalDirectory));
        Assert.Equal(1, WalFormat.LastCheckpoint(WalDirectory));
        var content = Content.Read(WalDirectory);
        Assert.Equal([1ul], content.Series.Keys.ToArray());
        Assert.Equal([(1, 200, 3), (1, 300, 5)], content.Samples);
        Assert.Equal(New, content.Metadata[1]);
    }

    [Fact]
    public void Write_Again_FoldsThePreviousCheckpointIn()
    {
        using var writer = WalWriter.Open(WalDirectory);
        for (var segment = 0; segment < 4; segment++)
        {
            var seriesRef = (ulong)segment + 1;
            Append(writer, batch =>
            {
                batch.AddSeries(seriesRef, SeriesLabels(seriesRef));
                batch.AddSample(seriesRef, 1000 + segment, segment);
            });
            writer.StartNextSegment();
        }

        Checkpoint.Write(WalDirectory, 1, _ => true, 0);
        Checkpoint.Write(WalDirectory, 3, _ => true, 1001);

        Assert.Equal([3], WalFormat.Checkpoints(WalDirectory));
        Assert.Equal([4], WalFormat.Segments(WalDirectory));
        var content = Content.Read(WalDirectory);
        Assert.Equal([1ul, 2, 3, 4], content.Series.Keys.Order().ToArray());
        Assert.Equal([(2, 1001, 1), (3, 1002, 2), (4, 1003, 3)], content.Samples);
    }

    /// <summary>The segments that a checkpoint stands for could not be deleted, and the same one is planned again.</summary>
    [Fact]
    public void Write_OfOneThatIsThere_OnlyDeletesWhatItStandsFor()
    {
        var disk = new FaultyDisk { Fault = (call, path) => call == FaultyDisk.Call.Delete && path.EndsWith("00000001", StringComparison.Ordinal) ? FaultyDisk.Broken(path) : null };
        using var writer = WalWriter.Open(WalDirectory);
        for (var segment = 0; segment < 3; segment++)
        {
            Append(writer, batch =>
            {
                batch.AddSeries((ulong)segment + 1, SeriesLabels((ulong)segment + 1));
                batch.AddSample(1, 1000 + segment, segment);
            });
            writer.StartNextSegment();
        }

        Assert.Throws<IOException>(() => Checkpoint.Write(WalDirectory, 1, _ => true, 0, disk, default));
        Assert.Equal([1, 2, 3], WalFormat.Segments(WalDirectory));
        disk.Fault = null;
        Assert.Equal(1, Checkpoint.Write(WalDirectory, 1, _ => true, 0, disk, default).LastSegment);

        Assert.Equal([2, 3], WalFormat.Segments(WalDirectory));
        Assert.Equal([(1, 1000, 0), (1, 1001, 1), (1, 1002, 2)], Content.Read(WalDirectory).Samples);
    }

    [Fact]
    public void CleanUp_InterruptedCheckpoint_IsRemovedAndAFinishedOneCompleted()
    {
        using (var writer = WalWriter.Open(WalDirectory))
        {
            Append(writer, batch => batch.AddSeries(1, SeriesLabels(1)));
            writer.StartNextSegment();
        }

        var kept = File.ReadAllBytes(SegmentFile(0));
        Checkpoint.Write(WalDirectory, 0, _ => true, 0);
        File.WriteAllBytes(SegmentFile(0), kept);
        Directory.CreateDirectory(WalFormat.CheckpointPath(WalDirectory, 1) + ".tmp");

        Checkpoint.CleanUp(WalDirectory);

        Assert.Equal([1], WalFormat.Segments(WalDirectory));
        Assert.Equal([WalFormat.CheckpointPath(WalDirectory, 0)], Directory.GetDirectories(WalDirectory));
    }

    /// <summary>Behind the newest checkpoint some segments stay for remote write: none that is before a gap, which no other program would open.</summary>
    [Theory]
    [InlineData("3 4 5 6", 0, "3 4 5 6")]
    [InlineData("3 4 5 6", 4, "4 5 6")]
    [InlineData("2 4 5 6", 0, "4 5 6")]
    [InlineData("2 3 4 6", 0, "6")]
    [InlineData("3 4 5 7", 0, "3 4 5 7")]
    public void CleanUp_SegmentsThatAreOwed_StayUnlessOneIsMissing(string before, int keepFrom, string after)
    {
        Directory.CreateDirectory(WalFormat.CheckpointPath(WalDirectory, 5));
        foreach (var segment in before.Split(' '))
        {
            File.WriteAllBytes(SegmentFile(int.Parse(segment)), []);
        }

        Checkpoint.CleanUp(WalDirectory, DiskFiles.Instance, keepFrom);

        Assert.Equal(after, string.Join(' ', WalFormat.Segments(WalDirectory)));
    }

    [Fact]
    public void Write_SegmentsThatAreOwed_StayBesideItAndAreNotReadAgain()
    {
        using var writer = WalWriter.Open(WalDirectory);
        for (var segment = 0; segment < 6; segment++)
        {
            Append(writer, batch =>
            {
                batch.AddSeries((ulong)segment + 1, SeriesLabels((ulong)segment + 1));
                batch.AddSample(1, 1000 + segment, segment);
            });
            writer.StartNextSegment();
        }

        Checkpoint.Write(WalDirectory, 3, _ => true, 0, DiskFiles.Instance, default, keepFrom: () => 2);

        Assert.Equal([2, 3, 4, 5, 6], WalFormat.Segments(WalDirectory));
        Assert.Equal([4, 5, 6], WalFormat.SegmentsBehindCheckpoint(WalDirectory));
        var content = Content.Read(WalDirectory);
        Assert.Equal([1ul, 2, 3, 4, 5, 6], content.Series.Keys.Order().ToArray());
        Assert.Equal(6, content.Samples.Count);
        Assert.Null(Checkpoint.Plan(WalDirectory, 6));

        Checkpoint.Write(WalDirectory, 5, _ => true, 0, DiskFiles.Instance, default);

        Assert.Equal([6], WalFormat.Segments(WalDirectory));
        Assert.Equal(6, Content.Read(WalDirectory).Samples.Count);
    }

    [Fact]
    public void Open_OnlyACheckpointLeft_StartsBehindIt()
    {
        using (var writer = WalWriter.Open(WalDirectory))
        {
            Append(writer, batch => batch.AddSeries(1, SeriesLabels(1)));
        }

        Checkpoint.Write(WalDirectory, 0, _ => true, 0);
        using var next = WalWriter.Open(WalDirectory);
        Assert.Equal(1, next.SegmentIndex);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(2, null)]
    [InlineData(3, 1)]
    [InlineData(10, 6)]
    public void Plan_TakesTwoThirdsOfTheClosedSegments(int closed, int? expected)
    {
        for (var i = 0; i <= closed; i++)
        {
            File.WriteAllBytes(SegmentFile(i), []);
        }

        Assert.Equal(expected, Checkpoint.Plan(WalDirectory, closed));
    }

    private static void Append(WalWriter writer, Action<WalBatch> fill)
    {
        var batch = new WalBatch();
        fill(batch);
        Assert.Null(writer.Append(batch));
    }

    private sealed record Content(
        Dictionary<ulong, Labels> Series,
        List<(ulong Ref, long TimestampMs, double Value)> Samples,
        Dictionary<ulong, MetricMetadata> Metadata)
    {
        public static Content Read(string directory)
        {
            var content = new Content([], [], []);
            var builder = new LabelsBuilder();
            using var reader = new WalReader(directory);
            while (reader.TryRead(out var record))
            {
                content.Add(record, builder);
            }

            Assert.Empty(reader.Damages);
            return content;
        }

        private void Add(ReadOnlySpan<byte> record, LabelsBuilder builder)
        {
            switch ((WalRecordType)record[0])
            {
                case WalRecordType.Series:
                    for (var series = new SeriesRecordReader(record); series.MoveNext();)
                    {
                        series.ReadLabels(builder);
                        Series.Add(series.Ref, builder.ToLabels());
                    }

                    break;
                case WalRecordType.Samples:
                    for (var samples = new SamplesRecordReader(record); samples.MoveNext();)
                    {
                        Samples.Add((samples.Ref, samples.TimestampMs, samples.Value));
                    }

                    break;
                default:
                    for (var metadata = new MetadataRecordReader(record); metadata.MoveNext();)
                    {
                        Metadata.Add(metadata.Ref, metadata.ToMetadata());
                    }

                    break;
            }
        }
    }
}
