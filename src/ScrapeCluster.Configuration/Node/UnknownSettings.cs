using Microsoft.Extensions.Configuration;

namespace ScrapeCluster.Configuration.Node;

/// <summary>A key that nobody reads is a spelling fault: silence about it would leave the default in force.</summary>
internal static class UnknownSettings
{
    public static IEnumerable<SettingFault> In(IConfiguration configuration, IReadOnlyList<string> known)
    {
        foreach (var (path, value) in configuration.GetSection("scrapecluster").AsEnumerable())
        {
            var key = path.Replace(':', '.');
            if (value is not null && !known.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                // A misspelt name may stand for a secret: what is written below cluster is not repeated.
                var shown = key.StartsWith("scrapecluster.cluster.", StringComparison.OrdinalIgnoreCase) ? Secret.Mask : value;
                yield return new SettingFault(key, shown, $"absent, since there is no such key (the nearest is {NearestName.Of(key, known)})");
            }
        }
    }
}
