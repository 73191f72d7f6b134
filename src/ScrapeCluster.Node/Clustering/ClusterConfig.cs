using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Config;
using ScrapeCluster.Cluster.Store;
using ScrapeCluster.Configuration;
using ScrapeCluster.Model.Metrics;

namespace ScrapeCluster.Node.Clustering;

/// <summary>
/// The one configuration of the cluster. Every node runs the newest version in the store, whatever its own files say; a reload on any node makes that node's
/// files the next version. Nobody publishes unasked, but for the first node that finds none. One thing at a time, whoever asks.
/// <code>
/// start:  the store's version, or own files as version 1; without a store the version kept from before, or own files
/// reload: own files checked, published as the next version, applied; the other nodes follow
/// follow: a newer version fetched, opened, checked, applied; one that cannot be used here leaves the one before in force
/// </code>
/// </summary>
internal sealed class ClusterConfig : IDisposable
{
    private readonly ClusterConfigOptions _options;
    private readonly ILogger _log;
    private readonly ConfigSeal _seal;
    private readonly PublishedConfigs _published;
    private readonly OwnFiles _own;
    private readonly KeptConfig _kept;
    private readonly Gauge _version;
    private readonly Gauge _drift;
    private readonly Gauge _refused;
    private volatile ClusterConfigPicture _current = ClusterConfigPicture.None;

    // All below is written by one at a time; _refusedVersion is read by others only to see that nothing is to be done.
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private long _refusedVersion;
    private long _wentBackTo = -1;
    private bool _toldDrift;
    private bool _hasConfig;

    public ClusterConfig(ClusterConfigOptions options)
    {
        _options = options;
        _log = options.Log;
        _seal = new ConfigSeal(options.Secret, options.Cluster);
        _published = new PublishedConfigs(options.Store, _seal, options.Node, options.Log);
        _own = new OwnFiles(options.Loader, _seal, options.Time);
        _kept = new KeptConfig(options.KeptFile);
        _version = options.Metrics.Gauge("scrapecluster_cluster_config_version", "Version of the cluster's configuration that this node runs; 0 = its own files, for want of any.");
        _drift = options.Metrics.Gauge("scrapecluster_cluster_config_drift", "1 when this node's own configuration files differ from the cluster's version, which it runs.");
        _refused = options.Metrics.Gauge("scrapecluster_cluster_config_refused", "1 when the newest version of the cluster's configuration, or a part of it, cannot be applied on this node.");
    }

    public ClusterConfigPicture Current => _current;

    /// <summary>For the heartbeat.</summary>
    public AppliedConfig Applied => _current is var current ? new(current.Version, current.OwnHash) : default;

    /// <summary>Puts the first configuration in force. Null, or which part of it failed; when <see cref="HasConfig"/> is false then, the node must not run.</summary>
    public Task<string?> StartAsync(CancellationToken cancellation) => AloneAsync(async () =>
    {
        var own = await _own.ReadAsync();
        try
        {
            var stored = await _published.NewestOrFirstAsync(own.Error is null ? own.Texts : null, cancellation);
            return stored is null ? Refuse(own.Error!) : await TakeAsync(stored);
        }
        catch (InvalidDataException e)
        {
            return Refuse(e.Message);
        }
        catch (StoreUnavailableException e)
        {
            return await StartWithoutStoreAsync(own.Config, own.Error, e.Message);
        }
    }, cancellation);

    /// <summary>Whether any configuration is in force.</summary>
    public bool HasConfig => Volatile.Read(ref _hasConfig);

    /// <summary>Makes this node's files the cluster's next version. Null when that is in force here, else why it is not, or which part of it.</summary>
    public Task<string?> ReloadAsync(CancellationToken cancellation) => AloneAsync(async () =>
    {
        var own = await _own.ReadAsync();
        if (own.Error is not null)
        {
            return Refuse(own.Error);
        }

        try
        {
            // The built-in configuration is nobody's wish: it is the first version where there is none, and never replaces one.
            var stored = own.IsBuiltIn
                ? await _published.NewestOrFirstAsync(own.Texts, cancellation)
                : await _published.PublishAsync(own.Texts!, _current.Version, cancellation);
            return await TakeAsync(stored!);
        }
        catch (StoreUnavailableException e)
        {
            return Refuse($"the configuration was not published, and the one before stays in force on all nodes: {e.Message}");
        }
        catch (InvalidDataException e)
        {
            return Refuse(e.Message);
        }
    }, cancellation);

    /// <summary>
    /// The store says that this version is the newest. To be called at every view of it; costs nothing when there is nothing to do. Null when all is well. A
    /// store that does not answer is asked again at the next view.
    /// </summary>
    public Task<string?> FollowAsync(long version, CancellationToken cancellation)
    {
        var isKnown = version > 0 && (version == _current.Version || version == Volatile.Read(ref _refusedVersion));
        return isKnown && !_own.IsOld ? Task.FromResult(_current.Fault) : AloneAsync(() => FollowAloneAsync(version, cancellation), cancellation);
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<string?> AloneAsync(Func<Task<string?>> work, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            return await work();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private async Task<string?> StartWithoutStoreAsync(PrometheusConfig? own, string? ownError, string storeFault)
    {
        if (_kept.Read() is { } kept)
        {
            _log.ConfigUnreachable($"version {kept.Version}, kept in {_kept.File},", storeFault);
            var fault = await TakeAsync(new StoredConfig(kept.Version, kept.Payload, "", default));
            if (HasConfig)
            {
                return fault;
            }

            // That the file is of no use says nothing of the same version in the store.
            Volatile.Write(ref _refusedVersion, 0);
        }

        if (own is null)
        {
            return Refuse(ownError!);
        }

        _log.ConfigUnreachable("this node's own files", storeFault);
        return await ApplyAsync(own, ClusterConfigPicture.None with { Hash = _own.Hash });
    }

    private async Task<string?> FollowAloneAsync(long version, CancellationToken cancellation)
    {
        try
        {
            if (_current.Version == 0)
            {
                // There was no store at the start. Now there is one, perhaps with nothing in it.
                var own = await _own.ReadAsync();
                var first = await _published.NewestOrFirstAsync(own.Error is null ? own.Texts : null, cancellation);
                return first is null || first.Version == _refusedVersion ? _current.Fault : await TakeAsync(first);
            }

            if (version > _current.Version && version != _refusedVersion && await _published.NewestAsync(_current.Version, cancellation) is { } newer)
            {
                // Whoever changes files changes them on all nodes, mostly, and reloads one of them.
                await _own.ReadAsync();
                return await TakeAsync(newer);
            }

            if (version < _current.Version)
            {
                await TellIfWentBackAsync(version, cancellation);
            }

            if (_own.IsOld)
            {
                await _own.LookAsync();
                Show(_current);
            }
        }
        catch (StoreUnavailableException)
        {
            // Everybody who asks the store says so already; what is in force stays.
        }
        catch (InvalidDataException e)
        {
            return Refuse(e.Message);
        }

        return _current.Fault;
    }

    /// <summary>Runs a version; null when all of it is in force.</summary>
    private async Task<string?> TakeAsync(StoredConfig stored)
    {
        var (config, hash, fault) = await Task.Run(() => Open(stored.Payload), CancellationToken.None);
        if (config is null)
        {
            Volatile.Write(ref _refusedVersion, stored.Version);
            return Refuse($"version {stored.Version} of the cluster's configuration{By(stored)} cannot be used on this node: {fault}");
        }

        Volatile.Write(ref _refusedVersion, 0);
        var isNew = stored.Version != _current.Version;
        var error = await ApplyAsync(config, new ClusterConfigPicture(stored.Version, hash, "", stored.PublishedBy, stored.PublishedAt, false, null));
        if (isNew)
        {
            _log.ConfigFollowed(stored.Version, By(stored));
            if (await Task.Run(() => _kept.Write(stored.Version, stored.Payload), CancellationToken.None) is { } notKept)
            {
                _log.ConfigNotKept(_kept.File, notKept);
            }
        }

        return error;
    }

    /// <summary>A version out of the kept file does not know.</summary>
    private static string By(StoredConfig stored) => stored.PublishedBy.Length > 0 ? $", published by node {stored.PublishedBy}," : "";

    private (PrometheusConfig? Config, string Hash, string? Fault) Open(byte[] payload)
    {
        if (!_seal.TryOpen(payload, out var plain, out var fault) || !ConfigBundle.TryRead(plain, out var texts, out fault))
        {
            return (null, "", fault);
        }

        var (config, error) = _options.Loader.Load(texts);
        return (config, _seal.HashOf(plain), error);
    }

    private async Task<string?> ApplyAsync(PrometheusConfig config, ClusterConfigPicture picture)
    {
        var error = await _options.Apply(config);
        Volatile.Write(ref _hasConfig, true);
        _toldDrift = false;
        Show(picture with { Fault = error });
        return error;
    }

    private string Refuse(string fault)
    {
        _options.Refused(fault);
        Show(_current with { Fault = fault });
        return fault;
    }

    private void Show(ClusterConfigPicture picture)
    {
        picture = picture with { OwnHash = _own.Hash, IsDrifted = _own.Exist && picture.Version > 0 && _own.Hash != picture.Hash };
        _current = picture;
        _version.Set(picture.Version);
        _drift.Set(picture.IsDrifted ? 1 : 0);
        _refused.Set(picture.Fault is null ? 0 : 1);
        if (picture.IsDrifted && !_toldDrift)
        {
            _log.ConfigDrifts(picture.Version);
        }

        _toldDrift = picture.IsDrifted;
    }

    /// <summary>A view may be older than what this node has published since: the store's word counts.</summary>
    private async Task TellIfWentBackAsync(long version, CancellationToken cancellation)
    {
        if (_wentBackTo != version)
        {
            var newest = (await _published.NewestAsync(0, cancellation))?.Version ?? 0;
            _wentBackTo = newest < _current.Version ? newest : -1;
            if (_wentBackTo >= 0)
            {
                _log.ConfigWentBack(newest, _current.Version);
            }
        }
    }
}
