using ScrapeCluster.Cluster.Config;
using ScrapeCluster.Cluster.Store;

namespace ScrapeCluster.Node.Clustering;

/// <summary>The versions of the cluster's configuration in the store, and how this node adds one.</summary>
internal sealed class PublishedConfigs(ICoordinationStore store, ConfigSeal seal, string node, ILogger log)
{
    /// <summary>Losing to others again and again means that something reloads without end.</summary>
    private const int MostLosses = 20;

    /// <summary>Null when there is none above that version.</summary>
    public Task<StoredConfig?> NewestAsync(long above, CancellationToken cancellation) => store.ReadConfigAsync(above, cancellation);

    /// <summary>The newest; when there is none yet, these texts become it. Whoever loses that race finds the winner's.</summary>
    public async Task<StoredConfig?> NewestOrFirstAsync(ConfigBundle? texts, CancellationToken cancellation)
    {
        if (await NewestAsync(0, cancellation) is { } newest)
        {
            return newest;
        }

        if (texts is null)
        {
            return null;
        }

        await TryPublishAsync(0, texts, cancellation);
        return await NewestAsync(0, cancellation);
    }

    /// <summary>
    /// The newest after these texts were published over whatever was there, or as found, when another node was given the same files. Who publishes last has the
    /// last word: the newest may already be another node's again.
    /// </summary>
    /// <param name="running">The version that this node runs: when the store has gone back behind it, versions are published until it is passed, since nodes that
    /// run it follow only higher ones.</param>
    /// <exception cref="InvalidDataException">It cannot be published; the message says why.</exception>
    public async Task<StoredConfig> PublishAsync(ConfigBundle texts, long running, CancellationToken cancellation)
    {
        var isBehind = false;
        for (var losses = 0; losses < MostLosses;)
        {
            var newest = await NewestAsync(0, cancellation);
            if (newest is not null && newest.Version >= running && !isBehind && IsOf(newest, texts))
            {
                return newest;
            }

            var published = await TryPublishAsync(newest?.Version ?? 0, texts, cancellation);
            if (published > running)
            {
                return (await NewestAsync(0, cancellation))!;
            }

            isBehind |= published is not null;
            losses += published is null ? 1 : 0;
        }

        throw new InvalidDataException($"the configuration was not published: {MostLosses} times another node was quicker");
    }

    /// <summary>Null when another node was quicker.</summary>
    private async Task<long?> TryPublishAsync(long expectedVersion, ConfigBundle texts, CancellationToken cancellation)
    {
        var plain = texts.ToBytes();
        if (plain.Length > ConfigBundle.MaxBytes)
        {
            throw new InvalidDataException(
                $"the configuration and the files of its scrape_config_files have {plain.Length} bytes, at most {ConfigBundle.MaxBytes} can be published: move targets into files of file_sd_configs");
        }

        if (await store.PublishConfigAsync(expectedVersion, seal.Seal(plain), node, cancellation) is not { } version)
        {
            return null;
        }

        log.ConfigPublished(version);
        return version;
    }

    private bool IsOf(StoredConfig stored, ConfigBundle texts) => seal.TryOpen(stored.Payload, out var plain, out _) && plain.AsSpan().SequenceEqual(texts.ToBytes());
}
