using System.Security.Cryptography;
using System.Text.Json;
using ScrapeCluster.Cli;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;
using ScrapeCluster.Tests.Storage;

namespace ScrapeCluster.Tests.Cli.Storage;

/// <summary>A data directory with all kinds of files, written by a node's storage; and the verbs run on it, or on copies of it.</summary>
internal sealed class StoredDirectory : IDisposable
{
    public const long MinuteMs = 60_000;

    /// <summary>Of <see cref="Filled"/>.</summary>
    public const int Minutes = (Hours * 60) + 30;

    public const int SeriesAtOnce = Names + 1;

    private const int Hours = 12;
    private const int Names = 12;
    private readonly List<string> _copies = [];

    public StoredDirectory()
    {
        Storage = new StorageFixture(options => options with { RetentionTime = TimeSpan.Zero, Wal = new WalOptions(4 * WalFormat.PageSize) });
    }

    public StorageFixture Storage { get; }

    public string Path => Storage.Directory;

    /// <summary>Some hours of samples a minute: blocks, a checkpoint, segments, chunk files, and samples that are in the log alone.</summary>
    public static StoredDirectory Filled()
    {
        var stored = new StoredDirectory();
        for (var hour = 0; hour < Hours; hour++)
        {
            stored.Append((hour * 60) + 1, (hour + 1) * 60);
            stored.Compact();
        }

        stored.Flush();
        stored.Append((Hours * 60) + 1, Minutes);
        return stored;
    }

    public void Append(int fromMinute, int toMinute)
    {
        for (var minute = fromMinute; minute <= toMinute; minute++)
        {
            Storage.Append(batch =>
            {
                batch.TimestampMs = minute * MinuteMs;
                for (var i = 0; i < Names; i++)
                {
                    batch.AddNew(Labels.Of((Labels.MetricName, $"metric_{i % 4}"), ("instance", $"10.0.0.{i}:9100")), minute + (i / 4.0));
                }

                batch.AddNew(Labels.Of((Labels.MetricName, "short_lived"), ("minute", $"{minute / 20}")), double.NaN);
            });
        }
    }

    /// <summary>What is old goes into blocks, and out of the log.</summary>
    public void Compact()
    {
        var writer = Storage.Storage.Writer;
        while (writer.BeginCompaction(TestContext.Current.CancellationToken) is { } compaction)
        {
            writer.EndCompaction(compaction.GetAwaiter().GetResult());
            if (writer.BeginTruncation())
            {
                while (writer.ContinueTruncation())
                {
                }
            }
        }

        if (writer.BeginCheckpoint(TestContext.Current.CancellationToken) is { } checkpoint)
        {
            writer.EndCheckpoint(checkpoint.GetAwaiter().GetResult());
        }
    }

    /// <summary>Closed chunks go into chunk files.</summary>
    public void Flush()
    {
        var writer = Storage.Storage.Writer;
        while (writer.BeginFlush() is { } flush)
        {
            writer.EndFlush(flush.GetAwaiter().GetResult());
        }
    }

    /// <summary>The process ends; its files stay.</summary>
    public void Close() => Storage.Storage.Dispose();

    /// <summary>Without the lock, which cannot be read while it is held.</summary>
    public string Copy()
    {
        var copy = Directory.CreateTempSubdirectory("stored-copy-").FullName;
        _copies.Add(copy);
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Where(file => System.IO.Path.GetFileName(file) != "lock"))
        {
            var target = System.IO.Path.Combine(copy, System.IO.Path.GetRelativePath(Path, file));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    /// <summary>Names and contents of all files, to see that nothing changed.</summary>
    public static IReadOnlyList<string> StateOf(string directory)
    {
        return [.. Directory.EnumerateFileSystemEntries(directory, "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => File.Exists(path) ? $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}" : path)];
    }

    public static (int ExitCode, string Output, string Errors) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = CommandTree.Run(["storage", .. args], Stream.Null, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    public static (int ExitCode, JsonElement Data) RunJson(params string[] args)
    {
        var (exitCode, output, _) = Run([.. args, "-o", "json"]);
        using var document = JsonDocument.Parse(output);
        return (exitCode, document.RootElement.Clone());
    }

    public void Dispose()
    {
        Storage.Dispose();
        _copies.ForEach(copy => Directory.Delete(copy, recursive: true));
    }
}
