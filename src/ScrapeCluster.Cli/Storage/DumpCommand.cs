using System.CommandLine;
using ScrapeCluster.Cli.Connection;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Offline;
using ScrapeCluster.Storage.Queries;

namespace ScrapeCluster.Cli.Storage;

/// <summary><c>scrapectl storage dump DIR</c>: every sample in a line, as <c>promtool tsdb dump</c> writes them, series by series.</summary>
internal static class DumpCommand
{
    public static Command Create()
    {
        var path = DirectoryVerb.Path();
        var minTime = new Option<long>("--min-time") { Description = "First millisecond, included.", DefaultValueFactory = _ => long.MinValue };
        var maxTime = new Option<long>("--max-time") { Description = "Last millisecond, included.", DefaultValueFactory = _ => long.MaxValue };
        var match = new Option<string?>("--match") { Description = "A selector such as 'up{job=\"node\"}'; all series when absent." };
        var rawBits = new Option<bool>("--raw-bits") { Description = "The 64 bits of each value instead of its text: a staleness marker is 7ff0000000000002." };
        var command = new Command("dump", "Every sample in a line: labels, value, milliseconds. Exit code 1 when something could not be read.")
        {
            path,
            minTime,
            maxTime,
            match,
            rawBits,
        };
        command.SetAction(DirectoryVerb.Of(path, (directory, parsed, cancellation) =>
        {
            var selection = new Selection(MatchersOf(parsed.GetValue(match)), parsed.GetValue(minTime), parsed.GetValue(maxTime));
            return Run(directory, selection, parsed.GetValue(rawBits), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
        }));
        return command;
    }

    private static int Run(
        DataDirectory directory, Selection selection, bool asBits, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        using var storage = OfflineStorage.Open(directory, cancellation);
        foreach (var warning in storage.Warnings)
        {
            error.WriteLine($"warning: {warning}");
        }

        var unsupported = 0L;
        try
        {
            unsupported = Write(storage, selection, new DumpWriter(output, asBits), cancellation);
        }
        catch (IOException failure)
        {
            error.WriteLine($"error: {failure.Message}: the rest is missing; scrapectl storage verify tells what else is damaged");
            return ExitCodes.Faults;
        }

        if (unsupported > 0)
        {
            error.WriteLine($"note: {unsupported} chunks hold no floats and were passed over");
        }

        return storage.Warnings.Count == 0 ? ExitCodes.Good : ExitCodes.Faults;
    }

    /// <summary>Gives the number of chunks that were passed over.</summary>
    private static long Write(OfflineStorage storage, Selection selection, DumpWriter writer, CancellationToken cancellation)
    {
        using var series = storage.Query.Open(selection);
        var (timestampsMs, values) = (new List<long>(), new List<double>());
        try
        {
            while (series.MoveNext())
            {
                cancellation.ThrowIfCancellationRequested();
                timestampsMs.Clear();
                values.Clear();
                series.ReadSamples(timestampsMs, values);
                writer.Write(series.Labels, timestampsMs, values);
            }
        }
        finally
        {
            writer.Flush();
        }

        return series.UnsupportedChunks;
    }

    private static IReadOnlyList<LabelMatcher> MatchersOf(string? selector)
    {
        return selector is null ? []
            : SelectorParser.TryParse(selector, out var matchers, out var fault) ? matchers
            : throw new CommandFailure(ExitCodes.Usage, $"--match {selector}: {fault}");
    }
}
