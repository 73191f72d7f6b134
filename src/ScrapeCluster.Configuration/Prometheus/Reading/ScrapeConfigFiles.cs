using System.Text.RegularExpressions;

namespace ScrapeCluster.Configuration;

/// <summary>Reads <c>scrape_configs</c> of the main file and of every file that <c>scrape_config_files</c> names.</summary>
internal sealed partial class ScrapeConfigFiles(GlobalConfig global)
{
    private readonly List<ScrapeConfig> _jobs = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public ValueList<ScrapeConfig> Jobs => _jobs.ToValueList();

    public void ReadJobs(Section section)
    {
        foreach (var item in section.ListWithoutNulls("scrape_configs", "empty or null scrape config section"))
        {
            if (item.AsSection() is not { } jobSection)
            {
                continue;
            }

            var job = ScrapeConfigReader.Read(jobSection, global);
            if (!_names.Add(job.JobName) && job.JobName.Length > 0)
            {
                jobSection.FaultAt("job_name", $"found multiple scrape configs with job name \"{job.JobName}\"");
            }

            _jobs.Add(job);
        }
    }

    public void ReadFiles(Section section)
    {
        foreach (var item in section.List("scrape_config_files"))
        {
            var pattern = item.AsString();
            if (!PathPattern().IsMatch(pattern))
            {
                item.Fault($"invalid scrape config file path \"{pattern}\": a * may stand in the last element only");
                continue;
            }

            var files = item.Context.Source.Expand(pattern, item.Context.Resolve(pattern));
            if (files.Count == 0)
            {
                item.Warn($"\"{pattern}\" names no file");
            }

            foreach (var file in files)
            {
                ReadFile(item.Context.ForFile(file));
            }
        }
    }

    internal static bool IsValidPattern(string pattern) => PathPattern().IsMatch(pattern);

    private void ReadFile(ReadContext context)
    {
        if (YamlRoot.Load(context)?.AsSection() is { } section)
        {
            ReadJobs(section);
            section.Finish();
        }
    }

    [GeneratedRegex(@"\A[^*]*(\*[^/]*)?\z")]
    private static partial Regex PathPattern();
}
