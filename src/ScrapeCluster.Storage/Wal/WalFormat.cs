using System.Globalization;
using ScrapeCluster.Storage.Files;

namespace ScrapeCluster.Storage.Wal;

/// <summary>Numbers and names of the container, see FORMAT.md.</summary>
public static class WalFormat
{
    public const int PageSize = 32 * 1024;
    public const int HeaderSize = 7;
    public const int DefaultSegmentSize = 128 * 1024 * 1024;

    public const string CheckpointPrefix = "checkpoint.";

    internal const byte PageEnd = 0;
    internal const byte Full = 1;
    internal const byte First = 2;
    internal const byte Middle = 3;
    internal const byte Last = 4;
    internal const byte TypeMask = 0x07;
    internal const byte SnappyFlag = 0x08;
    internal const byte ZstdFlag = 0x10;

    public static string SegmentName(int index) => index.ToString("D8", CultureInfo.InvariantCulture);

    public static string SegmentPath(string directory, int index) => Path.Combine(directory, SegmentName(index));

    /// <summary>Segment numbers in the directory, ascending. Names that are not eight or more digits are somebody else's.</summary>
    public static IReadOnlyList<int> Segments(string directory)
    {
        var segments = new List<int>();
        foreach (var path in Reading.ListIfThere(directory, Directory.EnumerateFiles))
        {
            var name = Path.GetFileName(path);
            if (name.Length >= 8 && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            {
                segments.Add(index);
            }
        }

        segments.Sort();
        return segments;
    }

    /// <summary>Those behind the newest checkpoint: what a start reads. Older ones that are there stay for remote write.</summary>
    public static IReadOnlyList<int> SegmentsBehindCheckpoint(string directory)
    {
        var checkpoint = LastCheckpoint(directory) ?? -1;
        return [.. Segments(directory).Where(segment => segment > checkpoint)];
    }

    /// <summary>The last segment that the newest checkpoint stands for; null without one.</summary>
    public static int? LastCheckpoint(string directory) => Checkpoints(directory) is [.., var newest] ? newest : null;

    /// <summary>Numbers of the finished checkpoints in the directory, ascending.</summary>
    public static IReadOnlyList<int> Checkpoints(string directory)
    {
        var checkpoints = new List<int>();
        foreach (var path in Reading.ListIfThere(directory, static path => Directory.EnumerateDirectories(path, CheckpointPrefix + "*")))
        {
            var number = Path.GetFileName(path).AsSpan(CheckpointPrefix.Length);
            if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var last))
            {
                checkpoints.Add(last);
            }
        }

        checkpoints.Sort();
        return checkpoints;
    }

    public static string CheckpointPath(string directory, int lastSegment) => Path.Combine(directory, CheckpointPrefix + SegmentName(lastSegment));
}
