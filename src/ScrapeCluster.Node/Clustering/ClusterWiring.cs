using ScrapeCluster.Cluster;
using ScrapeCluster.Cluster.Membership;
using ScrapeCluster.Cluster.Moves;
using ScrapeCluster.Cluster.Sending;
using ScrapeCluster.Cluster.Store.Postgres;
using ScrapeCluster.Configuration;
using ScrapeCluster.Configuration.Node;
using ScrapeCluster.RemoteWrite.StandIns;
using ScrapeCluster.Scraping;
using ScrapeCluster.Storage.Wal;

namespace ScrapeCluster.Node.Clustering;

/// <summary>The settings of the operator as the cluster takes them; the two do not know each other.</summary>
internal static class ClusterWiring
{
    // A lost request must not cost the lease: four more fit into its time.
    private const int RenewalsInALease = 5;

    private const string ReplicaPrefix = "replica-";

    public static ClusterTerms TermsOf(ClusterSettings settings, string dataId, Uri api) => new()
    {
        Cluster = settings.Name,
        Node = settings.NodeName,
        DataId = dataId,
        Address = AddressOf(settings),
        ApiAddress = api.ToString().TrimEnd('/'),
        Zone = settings.Zone,
        Capacity = settings.Capacity,
        Version = NodeHelp.Version,
        Replicas = settings.Replicas,
        MinMembers = settings.MinMembers,
        StartTimeout = settings.StartTimeout,
        DrainTimeout = settings.DrainTimeout,
        ReadInterval = settings.ReadInterval,
        PlanInterval = settings.PlanInterval,
        AwaitBack = settings.AwaitBack,
        MoveBudget = settings.MoveBudget,
        Lease = LeaseOf(settings.LeaseTtl),
        Moves = MoveTerms.Default with { Lead = settings.MoveLead },
        Sending = new SendingTerms(settings.SendLagLimit, settings.SendHandOverTimeout),
    };

    /// <summary>Where peers reach this node; empty without a database.</summary>
    public static string AddressOf(ClusterSettings settings)
    {
        if (settings.Database is null || settings.AdvertiseAddress.Length > 0)
        {
            return settings.AdvertiseAddress;
        }

        var listen = settings.ListenAddress;
        var isAny = listen.IsAny || listen.Host is "0.0.0.0" or "::";
        return (isAny ? listen with { Host = Environment.MachineName } : listen).ToString();
    }

    /// <summary>Whatever this node's number of replicas: the leader's counts, and with it the label is needed or not.</summary>
    public static ReplicaNaming ReplicasOf(ClusterSettings settings) => new(settings.ReplicaLabel, ReplicaPrefix);

    /// <summary>For remote write that lets one replica of each target speak.</summary>
    public static ReplicaNews ReplicaNewsOf(NodeSettings settings, WalPublication published, TimeProvider time) =>
        new(settings.Cluster.ReplicaLabel, ReplicaPrefix, settings.RemoteWrite.StandInAfter, published, time);

    /// <summary>Null without a database.</summary>
    public static PostgresOptions? DatabaseOf(ClusterSettings settings)
    {
        return settings.Database is { } database
            ? new PostgresOptions(database.ConnectionString, settings.DatabaseDirect?.ConnectionString ?? "", settings.Name, settings.LeaseTtl / 3)
            : null;
    }

    /// <summary>What is only known to be wrong once files and the database's driver have been asked.</summary>
    public static IEnumerable<string> FaultsOf(ClusterSettings settings)
    {
        if (DatabaseOf(settings)?.Fault is { } database)
        {
            yield return $"scrapecluster.cluster.database or .database-direct cannot be used: {database}";
        }

        _ = SecretOf(settings, out var secret);
        if (secret is not null)
        {
            yield return secret;
        }
    }

    /// <summary>The cluster's secret, from the setting or its file; null with a fault, or without one where none is needed.</summary>
    public static Secret? SecretOf(ClusterSettings settings, out string? fault)
    {
        fault = null;
        if (settings.SecretFile.Length == 0)
        {
            return settings.Secret;
        }

        try
        {
            var text = File.ReadAllText(settings.SecretFile).Trim();
            if (ClusterSecret.FaultOf(text) is not { } reason)
            {
                return new Secret(text);
            }

            fault = $"the secret in {settings.SecretFile} (scrapecluster.cluster.secret-file) {reason}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"the cluster's secret cannot be read from {settings.SecretFile} ({e.Message}): give another file with --cluster.secret-file";
        }

        return null;
    }

    private static LeaseTerms LeaseOf(TimeSpan ttl) =>
        LeaseTerms.Default with { TimeToLive = ttl, Renewal = ttl / RenewalsInALease, Margin = ttl / RenewalsInALease };
}
