using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage;

/// <summary>Lives of a server that end by a kill or a power cut while a queue is behind: what it had still to send is there for the next life.</summary>
public sealed class OwedPowerCutTests : IDisposable
{
    private const long Minute = 60_000;

    private readonly string _root = Directory.CreateTempSubdirectory("owed-power-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(2)]
    [InlineData(14)]
    public void Open_AfterAnyEnd_WhatWasOwedIsThere(int seed)
    {
        var random = new Random(seed);

        // What a cut draws depends on what has just been flushed beside: it must not decide what happens afterwards.
        var cuts = new Random(seed);
        var nowMs = 1_000 * Minute;
        var directory = Directory.CreateDirectory(Path.Combine(_root, "0")).FullName;
        var acknowledged = new List<(string Series, long TimestampMs, double Value)>();
        var ends = new List<(WalPosition End, int Count)>();
        (WalPosition Position, int Count) sent = (new WalPosition(0, 0), 0);
        var mostOld = 0;
        for (var life = 1; life <= 8; life++)
        {
            var files = new PowerCutFiles(directory);
            var owed = OwedLog.AwaitingQueues();
            using var storage = new StorageFixture(
                options => options with { Owed = owed, Wal = new WalOptions(SegmentSize: WalFormat.PageSize, Compress: false, Sync: WalSyncPolicy.Batch) }, files, directory);
            var segments = WalFormat.Segments(storage.Storage.WalDirectory);
            Assert.Equal(Enumerable.Range(segments[0], segments.Count), segments);
            using var part = owed.Add("queue", sent.Position);
            owed.NoteAllKnown();
            AssertOwed();

            for (var step = 0; step < 25; step++)
            {
                nowMs += Minute;
                var names = Enumerable.Range(0, 10).Select(_ => $"s{random.Next(step, step + 20)}_{life}_{new string('x', 200)}").Distinct().ToList();
                Assert.Null(storage.Append(batch =>
                {
                    batch.TimestampMs = nowMs;
                    names.ForEach(name => batch.AddNew(StorageFixture.Series(name), life));
                }).Error);
                Assert.Null(storage.Storage.Writer.Sync());
                acknowledged.AddRange(names.Select(name => (StorageFixture.Series(name).ToString(), nowMs, (double)life)));
                ends.Add((storage.Storage.WalPublished.Position, acknowledged.Count));
                if (random.Next(8) == 0)
                {
                    sent = ends[random.Next(ends.FindIndex(end => end.Count >= sent.Count), ends.Count)];
                    part.Position = sent.Position;
                }

                if (random.Next(6) == 0)
                {
                    storage.Truncate(nowMs - (5 * Minute));
                    mostOld = Math.Max(mostOld, WalFormat.LastCheckpoint(storage.Storage.WalDirectory) - WalFormat.Segments(storage.Storage.WalDirectory)[0] ?? 0);
                }

                if (random.Next(4) == 0)
                {
                    storage.LookForOwed();
                }
            }

            AssertOwed();
            var next = Path.Combine(_root, $"{life}");
            files.Cut(next, (Spared)cuts.Next(3), cuts);
            directory = next;

            void AssertOwed()
            {
                var reading = OwedReading.From(storage.Storage.WalDirectory, storage.Storage.WalPublished, sent.Position);
                Assert.Equal((0, 0), (reading.Unknown, reading.LostSegments));
                Assert.Equal(acknowledged.Skip(sent.Count), reading.Samples);
            }
        }

        Assert.True(mostOld > 3, $"at most {mostOld} segments stayed beside a newer checkpoint");
    }
}
