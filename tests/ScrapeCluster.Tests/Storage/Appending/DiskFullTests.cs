using ScrapeCluster.Storage.Files;
using ScrapeCluster.Tests.Storage.Files;

namespace ScrapeCluster.Tests.Storage.Appending;

public sealed class DiskFullTests
{
    [Fact]
    public void Append_DiskFull_StoresNothingSaysWhyAndRecovers()
    {
        var disk = new FullDisk();
        using var storage = new StorageFixture(files: disk);
        storage.Append("before", 1, 1);

        disk.RoomBytes = 0;
        var failed = storage.Append("during", 2, 2);
        Assert.Contains("No space left", failed.Error);
        Assert.Contains(storage.Directory, failed.Error);
        Assert.Contains("make room", failed.Error);
        Assert.Empty(failed.NewRefs);
        Assert.Empty(storage.Select("during"));

        disk.RoomBytes = 20;
        Assert.NotNull(storage.Append("during", 3, 3).Error);

        disk.RoomBytes = long.MaxValue;
        Assert.Null(storage.Append("during", 4, 4).Error);
        Assert.Null(storage.Append("during", 5, 5).Error);
        storage.Reopen();
        Assert.Equal([4, 5], Assert.Single(storage.Select("during")).TimestampsMs);
        Assert.Equal([1], Assert.Single(storage.Select("before")).TimestampsMs);
        Assert.Equal(0, storage.Storage.Corruptions);
    }

    /// <summary>At random the disk is full: what was acknowledged is there after a reopen, what was refused is not.</summary>
    [Fact]
    public void Append_DiskFullAtRandom_HeadAndLogAgree()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var disk = new FullDisk();
            using var storage = new StorageFixture(files: disk);
            var expected = new Dictionary<string, List<long>>();
            for (var round = 1; round < 200; round++)
            {
                disk.RoomBytes = random.Next(3) == 0 ? random.Next(200) : long.MaxValue;
                var names = Enumerable.Range(0, random.Next(1, 5)).Select(_ => $"s{random.Next(30)}").Distinct().ToList();
                var result = storage.Append(batch =>
                {
                    batch.TimestampMs = round;
                    names.ForEach(name => batch.AddNew(StorageFixture.Series(name), round));
                });
                if (result.Error is null)
                {
                    names.ForEach(name => (expected.TryGetValue(name, out var list) ? list : expected[name] = []).Add(round));
                }
            }

            Check();
            disk.RoomBytes = long.MaxValue;
            storage.Reopen();
            Check();
            Assert.Equal(0, storage.Storage.Corruptions);

            void Check()
            {
                var actual = storage.Select("{job=\"test\"}").ToDictionary(s => s.Labels.Get("__name__")!, s => s.TimestampsMs);
                Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
                Assert.All(expected, series => Assert.Equal(series.Value, actual[series.Key]));
            }
        }
    }

    /// <summary>Real files behind a limit on what may still be written; a write beyond it arrives in part.</summary>
    private sealed class FullDisk : ForwardingFiles
    {
        public long RoomBytes { get; set; } = long.MaxValue;

        public override IDataFile Create(string path) => new LimitedFile(this, DiskFiles.Instance.Create(path));

        private sealed class LimitedFile(FullDisk disk, IDataFile file) : IDataFile
        {
            public void Write(ReadOnlySpan<byte> bytes, long offset)
            {
                var fits = (int)Math.Min(bytes.Length, disk.RoomBytes);
                file.Write(bytes[..fits], offset);
                if (fits < bytes.Length)
                {
                    disk.RoomBytes = 0;
                    throw new IOException("No space left on device", 28);
                }

                disk.RoomBytes -= disk.RoomBytes == long.MaxValue ? 0 : fits;
            }

            public void SetLength(long length) => file.SetLength(length);

            public void FlushToDisk() => file.FlushToDisk();

            public void Dispose() => file.Dispose();
        }
    }
}
