using ScrapeCluster.Storage.Blocks;
using ScrapeCluster.Storage.Chunks;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Storage.Offline;

/// <summary>Something that the next start of a node would do to a data directory before it goes on with it.</summary>
/// <param name="Does"><c>remove</c> a file or folder, <c>cut</c> a file at the offset, <c>rewrite</c> a file without its damage, <c>skip</c> what it cannot open and leaves alone.</param>
/// <param name="Offset">Where a file is cut, or where its first damage stands.</param>
public sealed record StartAction(string Does, string Path, long? Offset, string Why);

/// <summary>
/// Runs the steps of a start that mend the directory, in their order and by their own code, on files that note what would change and change nothing.
/// </summary>
public static class StartPlan
{
    /// <param name="mode">As <c>scrapecluster.storage.wal.repair</c> is set for the node.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IReadOnlyList<StartAction> Of(DataDirectory directory, WalRepairMode mode, CancellationToken cancellation) =>
        DataDirectory.LookAgain(() => Read(directory, mode, cancellation));

    private static IReadOnlyList<StartAction> Read(DataDirectory directory, WalRepairMode mode, CancellationToken cancellation)
    {
        var files = new PlannedFiles();
        return [
            .. CleanUp(directory, files),
            .. Blocks(directory, files),
            .. ChunkFilesOf(directory, files),
            .. Log(directory, mode, files, cancellation),
            .. Reserve(directory, files),
        ];
    }

    private static IEnumerable<StartAction> CleanUp(DataDirectory directory, PlannedFiles files)
    {
        // What is owed is known to the node alone: it stays at least until the queues are read.
        Checkpoint.CleanUp(directory.WalPath, files, keepFrom: 0);
        var checkpoint = WalFormat.LastCheckpoint(directory.WalPath);
        return files.Take().Select(change => new StartAction("remove", change.Path, null, IsUnfinished(change.Path)
            ? "left unfinished by an interrupted checkpoint or repair"
            : $"checkpoint {WalFormat.SegmentName(checkpoint ?? 0)} stands for it"));
    }

    private static bool IsUnfinished(string path)
    {
        return path.EndsWith(WalRepair.RewriteSuffix, StringComparison.Ordinal) || path.EndsWith(Checkpoint.UnfinishedSuffix, StringComparison.Ordinal);
    }

    private static IEnumerable<StartAction> Blocks(DataDirectory directory, PlannedFiles files)
    {
        using var folder = BlockFolder.Open(directory.Path, files);
        return
        [
            .. files.Take().Select(static change => new StartAction("remove", change.Path, null, change.Kind == PlannedKind.Move
                ? "its samples are in a merged block beside it"
                : "a block that was left unfinished, or half deleted")),
            .. folder.Bad.Select(static bad => new StartAction("skip", bad.Folder, null, $"cannot be opened as a block, its samples are missing: {bad.Reason}")),
        ];
    }

    private static IEnumerable<StartAction> ChunkFilesOf(DataDirectory directory, PlannedFiles files)
    {
        using var opened = ChunkFiles.Open(directory.ChunksPath, static (in ChunkFileEntry _, ChunkRef _) => { }, out var damage, disk: files);
        return files.Take().Select(change => change.Kind == PlannedKind.Cut
            ? new StartAction("cut", change.Path, change.Length, WhyCut(change))
            : new StartAction("remove", change.Path, null, $"{WhyRemoved(change.Path, damage)}; its samples are in the log"));
    }

    private static string WhyCut(PlannedChange cut)
    {
        var rest = File.ReadAllBytes(cut.Path).AsSpan((int)cut.Length);
        return rest.IndexOfAnyExcept((byte)0) < 0
            ? $"{rest.Length} bytes from there on are room that was never written to"
            : $"{rest.Length} bytes from there on cannot be read; their samples are in the log";
    }

    private static string WhyRemoved(string path, string? damage)
    {
        return damage is null ? "no header"
            : damage.StartsWith(path + ": ", StringComparison.Ordinal) ? damage[(path.Length + 2)..]
            : $"it stands behind the damage in {Path.GetFileName(damage.Split(": ")[0])}";
    }

    private static IEnumerable<StartAction> Log(DataDirectory directory, WalRepairMode mode, PlannedFiles files, CancellationToken cancellation)
    {
        using var reader = new WalReader(directory.WalPath) { StopsAtDamage = mode == WalRepairMode.Cut };
        while (reader.TryRead(out _))
        {
            cancellation.ThrowIfCancellationRequested();
        }

        var outcomes = WalRepair.Repair(reader.Damages, mode, files);
        var changes = files.Take();
        return outcomes.Select(outcome => ActionOf(outcome, changes))
            .Concat(changes.Where(IsSegmentThatGoes).Select(static change => new StartAction("remove", change.Path, null, "it stands behind the damage")));
    }

    private static StartAction ActionOf(WalRepairOutcome outcome, IReadOnlyList<PlannedChange> changes)
    {
        var (file, at, reason) = (outcome.First.File, outcome.First.Offset, outcome.First.Reason);
        if (outcome.Failure is { } failure)
        {
            return new StartAction("skip", file, at, $"{reason}; it cannot be mended: {failure}");
        }

        if (outcome.Copy is { } copy)
        {
            return new StartAction("rewrite", file, at, $"{reason}; {outcome.RecordsKeptBehind} records behind it stay, the damaged bytes are kept in {Path.GetFileName(copy)}");
        }

        var cut = changes.First(change => change.Kind == PlannedKind.Cut && change.Path == file).Length;
        return new StartAction("cut", file, cut, outcome.IsTornEnd
            ? $"{reason}; nothing can be read behind it"
            : $"{reason}; {outcome.RecordsDropped} records and {outcome.SegmentsDropped} segments behind it are given up");
    }

    private static bool IsSegmentThatGoes(PlannedChange change) =>
        change.Kind == PlannedKind.Delete && Path.GetFileName(change.Path).All(char.IsAsciiDigit);

    private static IEnumerable<StartAction> Reserve(DataDirectory directory, PlannedFiles files)
    {
        var isDamaged = SeriesRefReserve.Open(directory.WalPath, files).IsDamaged;
        var path = Path.Combine(directory.WalPath, SeriesRefReserve.FileName);
        return
        [
            .. files.Take().Select(static change => new StartAction("remove", change.Path, null, "left unfinished")),
            .. isDamaged ? [new StartAction("rewrite", path, 0, "not a number with its checksum: new series get references far above all that are found")] : Array.Empty<StartAction>(),
        ];
    }
}
