using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ScrapeCluster.Model.Metrics;
using ScrapeCluster.Storage;

namespace ScrapeCluster.Tests.Storage.Opening;

public sealed class DirectoryLockTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("lock-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void TryOpen_InUse_NamesPathHolderAndWhatToDo()
    {
        Assert.True(TryOpen(_directory, out var first, out _));
        Assert.False(TryOpen(_directory, out _, out var fault));
        Assert.Contains(_directory, fault);
        Assert.Contains($"process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}", fault);
        Assert.Contains("--storage.path", fault);
        first!.Dispose();
        Assert.True(TryOpen(_directory, out var second, out _));
        second!.Dispose();
    }

    [Fact]
    public void TryOpen_LeftLockOfADeadProcess_IsTakenOver()
    {
        File.WriteAllText(Path.Combine(_directory, "lock"), "4000000");
        Assert.True(TryOpen(_directory, out var storage, out _));
        storage!.Dispose();
    }

    [Fact]
    public void TryOpen_PathIsAFile_SaysSo()
    {
        var file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        Assert.False(TryOpen(file, out _, out var fault));
        Assert.Contains("is a file", fault);
        Assert.False(TryOpen(Path.Combine(file, "below"), out _, out fault));
        Assert.Contains(file, fault);
    }

    [Fact]
    public void TryOpen_MissingDirectory_IsMade()
    {
        Assert.True(TryOpen(Path.Combine(_directory, "a", "b"), out var storage, out _));
        storage!.Dispose();
    }

    private static bool TryOpen(string path, out LocalStorage? storage, out string? fault)
    {
        return LocalStorage.TryOpen(
            new StorageOptions(path), new MetricsRegistry(), NullLoggerFactory.Instance, TimeProvider.System, out storage, out fault);
    }
}
