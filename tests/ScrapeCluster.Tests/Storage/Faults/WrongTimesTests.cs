using System.Globalization;
using System.Text.RegularExpressions;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Tests.Storage.Compaction;

namespace ScrapeCluster.Tests.Storage.Faults;

/// <summary>
/// A digit of <c>minTime</c> or <c>maxTime</c> in meta.json, which no checksum covers, becomes another one: nothing that is in a block or in the log goes out of
/// sight, and retention deletes nothing for it.
/// </summary>
public sealed class WrongTimesTests : IDisposable
{
    private const long MinuteMs = 60_000;
    private const int Minutes = 13 * 60;
    private const int Rounds = 60;

    /// <summary>On a border of blocks.</summary>
    private const long StartMs = 1_795_320_000_000 / 21_600_000 * 21_600_000;

    private readonly StorageFixture _storage = new(options => options with { RetentionTime = TimeSpan.FromDays(15) });

    public void Dispose() => _storage.Dispose();

    [Theory]
    [InlineData("minTime")]
    [InlineData("maxTime")]
    public void Open_ADigitOfATimeIsAnother_HidesAndDeletesNothing(string name)
    {
        Fill();
        var random = new Random(11);
        var told = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var folders = Directory.GetDirectories(_storage.Directory).Where(folder => Ulid.TryParse(Path.GetFileName(folder), out _)).Order(StringComparer.Ordinal).ToList();
            var path = Path.Combine(folders[round % folders.Count], BlockMetaFile.FileName);
            var whole = File.ReadAllText(path);
            var wrong = WithAnotherDigit(whole, name, random);
            _storage.Storage.Dispose();
            File.WriteAllText(path, wrong);

            _storage.Log.Clear();
            _storage.Reopen();
            Assert.True(AllAreThere(), $"{path}: {wrong}");
            told += _storage.Log.Complaints.Any(line => line.StartsWith(Path.GetDirectoryName(path)!, StringComparison.Ordinal)) ? 1 : 0;
            WriterTick.Run(_storage.Storage.Writer);
            Assert.True(AllAreThere(), $"after a tick, {path}: {wrong}");

            if (File.Exists(path))
            {
                _storage.Storage.Dispose();
                File.WriteAllText(path, whole);
                _storage.Reopen();
            }
        }

        Assert.True(told > Rounds / 2, $"{told} were told");
    }

    [Fact]
    public void Open_TimesAreRight_TellsNothing()
    {
        Fill();
        _storage.Reopen();

        Assert.Empty(_storage.Log.Complaints);
        Assert.All(_storage.Storage.Blocks.Blocks, block => Assert.Equal(block.EndMs, block.DataEndMs));
    }

    private void Fill()
    {
        for (var minute = 0; minute < Minutes; minute++)
        {
            Assert.Null(_storage.Append("a", StartMs + (minute * MinuteMs), minute).Error);
        }

        WriterTick.Run(_storage.Storage.Writer);
        Assert.Contains(_storage.Storage.Blocks.Blocks, block => block.Meta.Compaction.Level == 1);
        Assert.Contains(_storage.Storage.Blocks.Blocks, block => block.Meta.Compaction.Level > 1);
    }

    private bool AllAreThere() => Assert.Single(_storage.Select("a")).Values.SequenceEqual(Enumerable.Range(0, Minutes).Select(minute => (double)minute));

    /// <summary>The first of the name: that of the block, not of a parent.</summary>
    private static string WithAnotherDigit(string meta, string name, Random random)
    {
        var time = Regex.Match(meta, $"\"{name}\": (\\d+)").Groups[1];
        var at = time.Index + random.Next(time.Length);
        var digit = (meta[at] - '0' + random.Next(1, 10)) % 10;
        return at == time.Index && digit == 0
            ? WithAnotherDigit(meta, name, random)
            : meta[..at] + digit.ToString(CultureInfo.InvariantCulture) + meta[(at + 1)..];
    }
}
