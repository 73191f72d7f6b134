using System.Globalization;
using System.Security.Cryptography;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.RemoteWrite;

/// <summary>What makes a queue what it is: with an equal one a reload leaves it alone.</summary>
internal sealed record RemoteWriteSpec(string Name, RemoteWriteConfig Config, Labels ExternalLabels, WalPublication Published)
{
    private const int HashNameLength = 6;

    /// <summary>The configured name, else the first digits of a hash of the settings, as Prometheus names its queues.</summary>
    public static string NameOf(RemoteWriteConfig config)
    {
        if (config.Name.Length > 0)
        {
            return config.Name;
        }

#pragma warning disable CA5351 // a name, not a protection
        var hash = MD5.HashData(System.Text.Encoding.UTF8.GetBytes(config.ToString()));
#pragma warning restore CA5351
        return Convert.ToHexString(hash).ToLower(CultureInfo.InvariantCulture)[..HashNameLength];
    }
}
