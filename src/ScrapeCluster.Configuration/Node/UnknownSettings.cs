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
                yield return new SettingFault(key, value, $"absent, since there is no such key (the nearest is {NearestName.Of(key, known)})");
            }
        }
    }
}
