namespace ScrapeCluster.Configuration;

/// <summary>Checks files as <c>scrapectl check config</c> does.</summary>
public static class ConfigCheck
{
    /// <summary>Prints every fault of every file; 0 when there is none, else 1.</summary>
    /// <param name="syntaxOnly">Leaves out whether the files that a configuration names are there.</param>
    public static int Run(IReadOnlyList<string> files, TextWriter output, bool syntaxOnly = false)
    {
        var exitCode = 0;
        foreach (var file in files)
        {
            var result = PrometheusConfigFile.Load(file);
            var faults = result.TryGet(out var config) && !syntaxOnly ? MissingFiles(result) : result.Faults;
            foreach (var fault in faults)
            {
                output.WriteLine(fault);
            }

            if (config is not null)
            {
                PrintRemarks(file, config, output);
            }

            output.WriteLine(faults.Count == 0 ? $"SUCCESS: {file} is valid" : $"FAILED: {file} has {Count(faults.Count, "fault")}");
            exitCode = faults.Count == 0 ? exitCode : 1;
        }

        return exitCode;
    }

    private static ValueList<ConfigFault> MissingFiles(ConfigResult result)
    {
        var missing = new List<ConfigFault>();
        foreach (var reference in result.ReferencedFiles)
        {
            if (reference.Kind == ReferencedFileKind.Plain && !File.Exists(reference.Target))
            {
                missing.Add(new(reference.File, reference.Line, 0, reference.Path, $"the file \"{reference.Target}\" does not exist"));
            }
        }

        return missing.ToValueList();
    }

    private static void PrintRemarks(string file, PrometheusConfig config, TextWriter output)
    {
        foreach (var section in config.IgnoredSections)
        {
            output.WriteLine($"WARNING: {file}:{section.Line}: {section.Name}: accepted but not acted on: {section.Consequence}");
        }

        foreach (var job in config.UnsupportedJobs)
        {
            output.WriteLine($"WARNING: {file}: job \"{job.JobName}\" uses discovery that is not built yet ({string.Join(", ", job.Kinds)}); "
                + "the node starts without it only with --config.skip-unsupported");
        }

        foreach (var warning in config.Warnings)
        {
            output.WriteLine($"WARNING: {warning}");
        }
    }

    private static string Count(int count, string what) => count == 1 ? $"1 {what}" : $"{count} {what}s";
}
