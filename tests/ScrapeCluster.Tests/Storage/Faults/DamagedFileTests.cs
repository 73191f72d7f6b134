using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Testing.Storage;

namespace ScrapeCluster.Tests.Storage.Faults;

/// <summary>
/// A bit flips, or the end is missing, anywhere in any kind of file: the directory opens, what cannot be read is told with file and offset, all that does not
/// depend on it is answered and left as it is, and samples can be appended.
/// </summary>
public sealed class DamagedFileTests(BusyTemplate template) : IClassFixture<BusyTemplate>
{
    private const int Flips = 8;
    private const int Cuts = 4;

    /// <summary>What of a directory a kind of file has alone.</summary>
    public enum Part
    {
        None,
        Head,
        Block,
    }

    [Theory]
    [InlineData("wal/0", Part.Head)]
    [InlineData("wal/checkpoint", Part.Head)]
    [InlineData("wal/series_refs", Part.None)]
    [InlineData("chunks_head/", Part.None)]
    [InlineData("/index", Part.Block)]
    [InlineData("/chunks/", Part.Block)]
    [InlineData("/meta.json", Part.Block)]
    [InlineData("/tombstones", Part.Block)]
    public void Open_WithADamagedFile_TellsWhereAndKeepsTheRest(string kind, Part part)
    {
        var random = new Random(7);
        var told = 0;
        for (var round = 0; round < Flips + Cuts; round++)
        {
            var directory = template.Copy();
            var file = Pick(directory, kind, random);
            var bytes = File.ReadAllBytes(Path.Combine(directory, file));
            var damage = Damage(ref bytes, isCut: round >= Flips, random);
            File.WriteAllBytes(Path.Combine(directory, file), bytes);
            try
            {
                told += AssertOpens(directory, file, part) ? 1 : 0;
            }
            catch (Exception failure)
            {
                throw new Xunit.Sdk.XunitException($"{damage} of {file}: {failure}", failure);
            }
        }

        Assert.True(told >= Flips / 2, $"{told} of {Flips + Cuts} damages were told");
    }

    private static string Pick(string directory, string kind, Random random)
    {
        var files = BusyTemplate.FilesOf(directory).Where(file => $"/{file}".Contains(kind, StringComparison.Ordinal)).ToList();
        var isOfBlock = kind[0] == '/';
        files.RemoveAll(file => isOfBlock && !Ulid.TryParse(file.Split('/')[0], out _));
        Assert.NotEmpty(files);
        return files[random.Next(files.Count)];
    }

    /// <summary>One bit, or the end.</summary>
    private static string Damage(ref byte[] bytes, bool isCut, Random random)
    {
        // Segments end with zeros up to a full page, of which nobody reads anything.
        var used = Array.FindLastIndex(bytes, value => value != 0) + 1;
        var at = random.Next(used);
        if (isCut)
        {
            bytes = bytes[..at];
            return $"end at {at}";
        }

        bytes[at] ^= (byte)(1 << random.Next(8));
        return $"bit at {at}";
    }

    /// <summary>True when the damage was told.</summary>
    private bool AssertOpens(string directory, string file, Part part)
    {
        var path = Path.Combine(directory, file);
        var before = Contents(directory);
        using var storage = Open(directory);
        var found = Read(storage, path, out var wasTold);
        wasTold |= storage.Log.Complaints.Any(line => line.Contains(path, StringComparison.Ordinal) || line.Contains(Path.GetDirectoryName(path)!, StringComparison.Ordinal));
        var lost = Lost(found, storage, path, part);
        Assert.True(wasTold || lost == 0, $"{lost} samples are lost without a word: {string.Join("; ", storage.Log.Complaints)}");
        if (part != Part.Block)
        {
            Assert.All(storage.Log.Complaints, line => Assert.True(line.Contains("offset", StringComparison.Ordinal) || line.Contains(Path.GetFileName(path), StringComparison.Ordinal), line));
        }

        AssertUntouched(before, directory, file);
        Assert.Null(storage.Append(batch => NumberedBatches.Fill(batch, BusyTemplate.Batches)).Error);
        AssertSameWhenOpenedAgain(storage, path, part, found);
        return wasTold;
    }

    private static StorageFixture Open(string directory) => new(options => BusyDirectory.Options(options.Path, WalSyncPolicy.Segment), directory: directory);

    /// <summary>All samples that are answered, each of which must be as it was written.</summary>
    private HashSet<(long Batch, long Series)> Read(StorageFixture storage, string path, out bool wasTold)
    {
        wasTold = false;
        var found = new HashSet<(long, long)>();
        try
        {
            Add(found, storage, long.MinValue, long.MaxValue);
            return found;
        }
        catch (BlockDamageException damage)
        {
            Assert.Equal(path, damage.Damage.Path);
            wasTold = true;
        }

        // What has nothing to do with the block is answered.
        found.Clear();
        var block = storage.Storage.Blocks.Blocks.Single(block => path.StartsWith(block.Folder, StringComparison.Ordinal));
        Add(found, storage, long.MinValue, block.MinMs - 1);
        Add(found, storage, block.EndMs, long.MaxValue);
        return found;
    }

    private static void Add(HashSet<(long, long)> found, StorageFixture storage, long minMs, long maxMs)
    {
        foreach (var series in storage.Storage.Query.Select([], minMs, maxMs))
        {
            var number = NumberedBatches.SeriesOf(series.Labels);
            for (var i = 0; i < series.Values.Length; i++)
            {
                Assert.True(NumberedBatches.TryNumber(series.TimestampsMs[i], out var batch));
                Assert.Equal(NumberedBatches.BitsIn(batch, number), BitConverter.DoubleToUInt64Bits(series.Values[i]));
                Assert.True(found.Add((batch, number)));
            }
        }
    }

    /// <summary>How many are missing, all of them in the part that the file has.</summary>
    private int Lost(HashSet<(long Batch, long Series)> found, StorageFixture storage, string path, Part part)
    {
        var others = storage.Storage.Blocks.Blocks.Where(block => !path.StartsWith(block.Folder, StringComparison.Ordinal)).ToList();
        var lost = 0;
        for (var batch = 0L; batch < BusyTemplate.Batches; batch++)
        {
            var timeMs = NumberedBatches.TimeMs(batch);
            foreach (var (series, _) in NumberedBatches.Samples(batch).Where(sample => !found.Contains((batch, sample.Series))))
            {
                var isOfHead = timeMs >= template.HeadMs;
                var mayBeLost = part == Part.Head ? isOfHead : part == Part.Block && !isOfHead && !others.Any(block => block.Touches(timeMs, timeMs));
                Assert.True(mayBeLost, $"batch {batch} of series {series} is lost");
                lost++;
            }
        }

        return lost;
    }

    private static Dictionary<string, string> Contents(string directory) =>
        BusyTemplate.FilesOf(directory).ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(ReadShared(Path.Combine(directory, file)))));

    /// <summary>Chunk files go when all in them is in blocks, or a file before them is damaged: the log has the rest. The reserve of references is written at every opening.</summary>
    private static void AssertUntouched(Dictionary<string, string> before, string directory, string file)
    {
        var after = Contents(directory);
        foreach (var (name, content) in before.Where(one => one.Key != file && !one.Key.EndsWith(SeriesRefReserve.FileName, StringComparison.Ordinal)))
        {
            var isUntouched = after.TryGetValue(name, out var now) ? now == content : name.StartsWith("chunks_head", StringComparison.Ordinal);
            Assert.True(isUntouched, $"{name} was touched");
        }
    }

    /// <summary>What can be mended is mended: it is not told again. A block stays as it is.</summary>
    private void AssertSameWhenOpenedAgain(StorageFixture storage, string path, Part part, HashSet<(long Batch, long Series)> found)
    {
        storage.Log.Clear();
        storage.Reopen();
        var again = Read(storage, path, out _);
        Assert.Equal(NumberedBatches.CountOf(BusyTemplate.Batches), again.RemoveWhere(sample => sample.Batch == BusyTemplate.Batches));
        Assert.True(found.SetEquals(again), "another answer when opened again");
        if (part != Part.Block)
        {
            Assert.Empty(storage.Log.Complaints);
        }
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
