using System.Diagnostics;
using System.Globalization;
using System.Text;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Blocks.Format;
using ScrapeCluster.Storage.Compaction;
using ScrapeCluster.Storage.Files;
using ScrapeCluster.Storage.Head;

namespace ScrapeCluster.Benchmarks.Storage;

/// <summary>
/// <c>block-bytes [series] [interval]</c>: the same two hours of samples as a block of this storage, by way of the head, and as one that stock Prometheus's own
/// code makes (<c>promtool tsdb create-blocks-from openmetrics</c>): bytes of index and chunks, and of both a sample.
/// </summary>
internal static class BlockBytesMode
{
    private const long StartMs = 1_795_003_200_000;
    private const long RangeMs = 7_200_000;

    public static void Run(int seriesCount, int intervalSeconds)
    {
        var folder = Directory.CreateTempSubdirectory("block-bytes-").FullName;
        try
        {
            var ours = WriteOurs(Path.Combine(folder, "ours"), seriesCount, intervalSeconds * 1000);
            var theirs = WriteTheirs(folder, seriesCount, intervalSeconds * 1000);
            Tell("scrapecluster", ours);
            Tell("prometheus", theirs);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string WriteOurs(string data, int seriesCount, int intervalMs)
    {
        Directory.CreateDirectory(data);
        var head = new HeadBlock();
        for (var i = 0; i < seriesCount; i++)
        {
            var row = head.FindOrCreate(CompactionMode.LabelsOf(i), out _);
            for (var time = 0; time < RangeMs; time += intervalMs)
            {
                head.Append(row, StartMs + time, CompactionMode.Value(i, time));
            }
        }

        var id = Ulid.New(StartMs, new Random(1));
        var range = new TimeRange(StartMs, StartMs + RangeMs);
        head.FreezeBefore(range.EndMs);
        new BlockWriter(DiskFiles.Instance).Write(data, BlockHeader.OfHead(id, range.MinMs, range.EndMs), new HeadInput(head, range), default);
        return Path.Combine(data, id.ToString());
    }

    private static string WriteTheirs(string folder, int seriesCount, int intervalMs)
    {
        var page = Path.Combine(folder, "page.om");
        using (var text = new StreamWriter(page, append: false, new UTF8Encoding(false), 1 << 20))
        {
            for (var i = 0; i < seriesCount; i++)
            {
                var labels = CompactionMode.LabelsOf(i);
                var pairs = labels.ToPairs().Where(pair => pair.Key != Labels.MetricName).Select(pair => $"{pair.Key}=\"{pair.Value}\"");
                var series = $"{labels.Get(Labels.MetricName)}{{{string.Join(',', pairs)}}}";
                for (var time = 0; time < RangeMs; time += intervalMs)
                {
                    text.Write(string.Create(CultureInfo.InvariantCulture, $"{series} {CompactionMode.Value(i, time):R} {(StartMs + time) / 1000}\n"));
                }
            }

            text.Write("# EOF\n");
        }

        var target = Path.Combine(folder, "theirs");
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["tsdb", "create-blocks-from", "openmetrics", page, target]) { RedirectStandardOutput = true })!;
        promtool.StandardOutput.ReadToEnd();
        promtool.WaitForExit();
        return Directory.GetDirectories(target).Single();
    }

    private static void Tell(string whose, string block)
    {
        var meta = BlockMetaFile.Read(Path.Combine(block, BlockMetaFile.FileName));
        var index = new FileInfo(Path.Combine(block, IndexReader.FileName)).Length;
        var chunks = new DirectoryInfo(Path.Combine(block, ChunkSegment.FolderName)).EnumerateFiles().Sum(file => file.Length);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{whose,-14} {meta.Stats.Series} series, {meta.Stats.Samples} samples in {meta.Stats.Chunks} chunks: index {index} bytes, chunks {chunks} bytes, {(double)(index + chunks) / meta.Stats.Samples:F3} bytes a sample"));
    }
}
