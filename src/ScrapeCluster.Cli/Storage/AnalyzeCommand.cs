using System.CommandLine;
using System.Globalization;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Cli.Output;
using ScrapeCluster.Storage.Offline;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Cli.Storage;

/// <summary><c>scrapectl storage analyze DIR [BLOCK]</c>: which labels make a block, or the head, large. The lists are those of <c>promtool tsdb analyze</c>.</summary>
internal static class AnalyzeCommand
{
    public static Command Create()
    {
        var path = DirectoryVerb.Path();
        var block = new Argument<string?>("block") { Description = "ULID of the block; the last one when absent.", Arity = ArgumentArity.ZeroOrOne };
        var head = new Option<bool>("--head") { Description = "What is in no block yet: the log and the chunk files." };
        var limit = new Option<int>("--limit") { Description = "Entries in a list.", DefaultValueFactory = _ => 20 };
        var output = new Option<OutputFormat>("--output", "-o") { Description = "table or json." };
        var command = new Command("analyze", "Churn, cardinality of labels, and bytes per sample of a block; exit code 3 when there is no such block.")
        {
            path,
            block,
            head,
            limit,
            output,
        };
        command.Validators.Add(given =>
        {
            if (given.GetValue(head) && given.GetValue(block) is not null)
            {
                given.AddError("--head: a block is named too");
            }
        });
        limit.Validators.Add(static given =>
        {
            if (given.Tokens.Count > 0 && given.GetValueOrDefault<int>() < 1)
            {
                given.AddError("--limit: at least 1");
            }
        });
        command.SetAction(DirectoryVerb.Of(path, (directory, parsed, cancellation) =>
        {
            var printer = new Printer(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, parsed.GetValue(output));
            var answer = parsed.GetValue(head)
                ? OfHead(directory, parsed.GetValue(limit), cancellation)
                : OfBlock(directory, parsed.GetValue(block), parsed.GetValue(limit), cancellation);
            printer.Print(answer, StorageJson.Default.Analysis, analysis => Write(printer, analysis));
            return answer.Warnings.Count == 0 ? ExitCodes.Good : ExitCodes.Faults;
        }));
        return command;
    }

    private static Answer<Analysis> OfBlock(DataDirectory directory, string? block, int limit, CancellationToken cancellation)
    {
        var analysis = Analysis.OfBlock(directory, block, limit, cancellation) ?? throw new CommandFailure(ExitCodes.NotFound, block is null
            ? $"{directory.Path} has no block yet; --head analyses what is in the log"
            : $"{directory.Path} has no block {block}; scrapectl storage list shows those that it has");
        return new Answer<Analysis>(analysis, []);
    }

    private static Answer<Analysis> OfHead(DataDirectory directory, int limit, CancellationToken cancellation)
    {
        using var storage = OfflineStorage.Open(directory, cancellation);
        var analysis = Analysis.OfHead(storage, limit, cancellation)
            ?? throw new CommandFailure(ExitCodes.NotFound, $"{directory.Path} has no samples outside of its blocks");
        return new Answer<Analysis>(analysis, storage.Warnings);
    }

    private static void Write(Printer printer, Analysis analysis)
    {
        printer.Line($"Block ID: {analysis.Block}");
        printer.Line($"Duration: {Units.Duration(analysis.EndMs - analysis.MinMs)}");
        printer.Line($"Series: {Printer.Number(analysis.Series)}");
        printer.Line($"Label names: {Printer.Number(analysis.LabelNames)}");
        printer.Line($"Postings (unique label pairs): {Printer.Number(analysis.LabelPairs)}");
        printer.Line($"Postings entries (total label pairs): {Printer.Number(analysis.PairEntries)}");
        printer.Line($"Samples: {Printer.Number(analysis.Samples)} in {Printer.Number(analysis.Chunks)} chunks");
        printer.Line($"Bytes per sample: {PerSample(analysis, analysis.ChunkBytes + analysis.IndexBytes)} (chunks {PerSample(analysis, analysis.ChunkBytes)}, index {PerSample(analysis, analysis.IndexBytes)})");
        WriteList(printer, "Label pairs most involved in churning:", analysis.ChurningPairs);
        WriteList(printer, "Label names most involved in churning:", analysis.ChurningNames);
        WriteList(printer, "Most common label pairs:", analysis.SeriesByPair);
        WriteList(printer, "Label names with highest cumulative label value length:", analysis.ValueBytesByName);
        WriteList(printer, "Highest cardinality labels:", analysis.ValuesByName);
        WriteList(printer, "Highest cardinality metric names:", analysis.SeriesByMetric);
    }

    private static string PerSample(Analysis analysis, long bytes)
    {
        return analysis.Samples == 0 ? Table.None : ((double)bytes / analysis.Samples).ToString("0.000", CultureInfo.InvariantCulture);
    }

    private static void WriteList(Printer printer, string title, IReadOnlyList<RankedCount> entries)
    {
        printer.Line();
        printer.Line(title);
        foreach (var (name, count) in entries)
        {
            printer.Line($"{Printer.Number(count)} {name}");
        }
    }
}
