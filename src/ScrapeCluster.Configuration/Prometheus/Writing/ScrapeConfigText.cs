namespace ScrapeCluster.Configuration;

public static class ScrapeConfigText
{
    /// <summary>The job as Prometheus shows it: defaults filled in, secrets masked.</summary>
    public static string ToYaml(this ScrapeConfig job)
    {
        var writer = new YamlWriter();
        writer.Map(() => JobYaml.Write(writer, job));
        return writer.Finish();
    }
}
