using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Storage.Offline;

namespace ScrapeCluster.Cli.Storage;

/// <summary><c>scrapectl storage list DIR</c>: blocks, log, chunk files and the range of what is in no block yet.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var path = DirectoryVerb.Path();
        var human = new Option<bool>("--human-readable", "-r") { Description = "Dates, durations and KiB instead of milliseconds and bytes." };
        var output = new Option<OutputFormat>("--output", "-o") { Description = "table, wide (more columns) or json." };
        var command = new Command("list", "The blocks, the log and the chunk files of a data directory; exit code 1 when a block cannot be opened.") { path, human, output };
        command.SetAction(DirectoryVerb.Of(path, (directory, parsed, cancellation) =>
        {
            var printer = new Printer(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(output));
            var listing = DirectoryListing.Of(directory, cancellation);
            var units = new Units(parsed.GetValue(human));
            printer.Print(new Answer<DirectoryListing>(listing, []), StorageJson.Default.DirectoryListing, _ => Write(printer, listing, units));
            return listing.BadBlocks.Count + listing.Head.Damages == 0 ? ExitCodes.Good : ExitCodes.Faults;
        }));
        return command;
    }

    private static void Write(Printer printer, DirectoryListing listing, Units units)
    {
        printer.Rows(
            listing.Blocks,
            new("BLOCK", block => block.Id),
            new("MIN-TIME", block => units.Time(block.MinMs)),
            new("MAX-TIME", block => units.Time(block.EndMs)),
            new("DURATION", block => Units.Duration(block.EndMs - block.MinMs)),
            new("SAMPLES", block => Printer.Number(block.Samples), IsNumber: true),
            new("CHUNKS", block => Printer.Number(block.Chunks), IsNumber: true),
            new("SERIES", block => Printer.Number(block.Series), IsNumber: true),
            new("SIZE", block => units.Bytes(block.Bytes), IsNumber: true),
            new("LEVEL", block => Printer.Number(block.Level), IsNumber: true),
            new("SOURCES", block => Printer.Number(block.Sources), IsNumber: true),
            new("TOMBSTONES", block => Printer.Number(block.Tombstones), IsNumber: true, IsWide: true));
        foreach (var bad in listing.BadBlocks)
        {
            printer.Line($"{bad.Id}  cannot be opened: {bad.Reason}");
        }

        printer.Line();
        var (log, files, head) = (listing.Log, listing.ChunkFiles, listing.Head);
        printer.Pairs(
            ("log", log.Segments == 0 ? "" : $"segments {log.FirstSegment:D8} to {log.LastSegment:D8}, {units.Bytes(log.SegmentBytes)}"),
            ("owed", log.SegmentsForRemoteWrite == 0 ? "" : $"{Printer.Number(log.SegmentsForRemoteWrite)} of these segments, {units.Bytes(log.BytesForRemoteWrite)}: the checkpoint stands for them"),
            ("checkpoint", log.Checkpoint is { } last ? $"up to segment {last:D8}, {units.Bytes(log.CheckpointBytes)}" : ""),
            ("chunk-files", files.Files == 0 ? "" : $"{files.First:D6} to {files.Last:D6}, {units.Bytes(files.Bytes)}"),
            ("head", head is { MinMs: { } minMs, MaxMs: { } maxMs } ? $"{Printer.Number(head.Samples)} samples from {units.Time(minMs)} to {units.Time(maxMs)}" : ""));
        if (head.Damages > 0)
        {
            printer.Line($"The log cannot be read in {Printer.Number(head.Damages)} {(head.Damages == 1 ? "place" : "places")}: scrapectl storage verify tells where.");
        }
    }
}
