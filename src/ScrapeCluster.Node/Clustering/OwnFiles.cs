using ScrapeCluster.Cluster.Config;
using ScrapeCluster.Node.Reload;

namespace ScrapeCluster.Node.Clustering;

/// <summary>What this node's own configuration files say, as of the last time that somebody looked. Used by one at a time.</summary>
internal sealed class OwnFiles(ConfigLoader loader, ConfigSeal seal, TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private ConfigBundle? _texts;
    private long _lookedAt;

    /// <summary>False: nobody gave this node a configuration, so it has none that could differ.</summary>
    public bool Exist { get; private set; }

    /// <summary>Empty when they cannot be read, or there are none.</summary>
    public string Hash { get; private set; } = "";

    /// <summary>May be asked by anybody.</summary>
    public bool IsOld => time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= MaxAge;

    public async Task<OwnConfig> ReadAsync()
    {
        var own = await Task.Run(loader.LoadOwn, CancellationToken.None);
        Exist = !own.IsBuiltIn;
        _texts = own.IsBuiltIn ? null : own.Texts;
        Hash = _texts is null ? "" : seal.HashOf(_texts.ToBytes());
        Volatile.Write(ref _lookedAt, time.GetTimestamp());
        return own;
    }

    /// <summary>Looks whether they are still the same, which costs less than to read them as a configuration.</summary>
    public async Task LookAsync()
    {
        if (_texts is { } texts && await Task.Run(() => loader.AreOwn(texts), CancellationToken.None))
        {
            Volatile.Write(ref _lookedAt, time.GetTimestamp());
            return;
        }

        await ReadAsync();
    }
}
