namespace ScrapeCluster.Configuration.Node;

/// <summary>What this node is to its cluster. Without a database it is a cluster of one, which agrees with itself in process.</summary>
public sealed record ClusterSettings
{
    public const int LeastSecretLength = 16;

    private const string SecretKey = "scrapecluster.cluster.secret";

    public required string Name { get; init; }

    /// <summary>The machine's name unless set.</summary>
    public required string NodeName { get; init; }

    /// <summary>Null = one node.</summary>
    public required DatabaseAddress? Database { get; init; }

    /// <summary>Null = notifications come through <see cref="Database"/>.</summary>
    public required DatabaseAddress? DatabaseDirect { get; init; }

    /// <summary>Null when <see cref="SecretFile"/> holds it, or there is none.</summary>
    public required Secret? Secret { get; init; }

    /// <summary>Empty = none.</summary>
    public required string SecretFile { get; init; }

    public required ListenAddress ListenAddress { get; init; }

    /// <summary>host:port under which peers reach this node; empty = derived from the listen address.</summary>
    public required string AdvertiseAddress { get; init; }

    public required string Zone { get; init; }

    /// <summary>Samples per second; 0 = not limited.</summary>
    public required int Capacity { get; init; }

    public required int Replicas { get; init; }

    /// <summary>Label that tells the samples of a target's replicas apart.</summary>
    public required string ReplicaLabel { get; init; }

    public required int MinMembers { get; init; }

    public required TimeSpan StartTimeout { get; init; }

    public required TimeSpan DrainTimeout { get; init; }

    public required TimeSpan LeaseTtl { get; init; }

    public required TimeSpan ReadInterval { get; init; }

    public required TimeSpan PlanInterval { get; init; }

    public required TimeSpan AwaitBack { get; init; }

    public required int MoveBudget { get; init; }

    public required TimeSpan MoveLead { get; init; }

    /// <summary>A planned move waits while its old owner's remote write is further behind.</summary>
    public required TimeSpan SendLagLimit { get; init; }

    /// <summary>A new owner's remote write waits for the old owner's so long at most.</summary>
    public required TimeSpan SendHandOverTimeout { get; init; }

    /// <summary>By how much this node takes its machine's clock to be ahead, to try what a wrong clock does.</summary>
    public required TimeSpan ClockOffset { get; init; }

    internal static ClusterSettings Read(SettingsReader reader)
    {
        var settings = new ClusterSettings
        {
            Name = reader.RequiredText("scrapecluster.cluster.name"),
            NodeName = reader.Text("scrapecluster.cluster.node-name") is { Length: > 0 } name ? name : Environment.MachineName,
            Database = reader.OptionalDatabase("scrapecluster.cluster.database"),
            DatabaseDirect = reader.OptionalDatabase("scrapecluster.cluster.database-direct"),
            Secret = reader.OptionalSecret(SecretKey),
            SecretFile = reader.Text("scrapecluster.cluster.secret-file"),
            ListenAddress = reader.Address("scrapecluster.cluster.listen-address"),
            AdvertiseAddress = reader.Text("scrapecluster.cluster.advertise-address"),
            Zone = reader.Text("scrapecluster.cluster.zone"),
            Capacity = reader.Count("scrapecluster.cluster.capacity", 0, int.MaxValue),
            Replicas = reader.Count("scrapecluster.cluster.replicas", 1, 5),
            ReplicaLabel = reader.RequiredText("scrapecluster.cluster.replica-label"),
            MinMembers = reader.Count("scrapecluster.cluster.min-members", 1, 10_000),
            StartTimeout = reader.Duration("scrapecluster.cluster.start-timeout", TimeSpan.Zero, TimeSpan.FromHours(1)),
            DrainTimeout = reader.Duration("scrapecluster.cluster.drain-timeout", TimeSpan.Zero, TimeSpan.FromHours(1)),
            LeaseTtl = reader.Duration("scrapecluster.cluster.lease-ttl", TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5)),
            ReadInterval = reader.Duration("scrapecluster.cluster.read-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            PlanInterval = reader.Duration("scrapecluster.cluster.plan-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)),
            AwaitBack = reader.Duration("scrapecluster.cluster.await-back", TimeSpan.Zero, TimeSpan.FromHours(1)),
            MoveBudget = reader.Count("scrapecluster.cluster.move-budget", 1, 100_000),
            MoveLead = reader.Duration("scrapecluster.cluster.move-lead", TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1)),
            SendLagLimit = reader.Duration("scrapecluster.cluster.send-lag-limit", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            SendHandOverTimeout = reader.Duration("scrapecluster.cluster.send-hand-over-timeout", TimeSpan.Zero, TimeSpan.FromHours(1)),
            ClockOffset = reader.Duration("scrapecluster.cluster.clock-offset", TimeSpan.Zero, TimeSpan.FromDays(1)),
        };
        settings.CheckSecret(reader);
        settings.CheckListener(reader);
        settings.CheckAdvertised(reader);
        return settings;
    }

    private void CheckSecret(SettingsReader reader)
    {
        if (Secret is not null && SecretFile.Length > 0)
        {
            reader.Fault("scrapecluster.cluster.secret-file", "empty where scrapecluster.cluster.secret is set: give one of them");
        }
        else if (Secret is not null && Secret.Reveal().Length < LeastSecretLength)
        {
            reader.SecretFault(SecretKey, $"of at least {LeastSecretLength} characters");
        }
        else if (Database is not null && Secret is null && SecretFile.Length == 0)
        {
            reader.Fault(SecretKey, $"set where there is a database, to at least {LeastSecretLength} characters that all nodes of the cluster share, or read from scrapecluster.cluster.secret-file");
        }
    }

    /// <summary>The others find a node again after a restart under the address that it had.</summary>
    private void CheckListener(SettingsReader reader)
    {
        if (Database is not null && ListenAddress.Port == 0)
        {
            reader.Fault("scrapecluster.cluster.listen-address", "host:port with a port that stays the same, such as 9096");
        }
    }

    private void CheckAdvertised(SettingsReader reader)
    {
        if (AdvertiseAddress.Length > 0 && !IsHostAndPort(AdvertiseAddress))
        {
            reader.Fault("scrapecluster.cluster.advertise-address", "host:port under which the other nodes reach this one, e.g. node-1.example.org:9096");
        }
    }

    private static bool IsHostAndPort(string text) =>
        Uri.TryCreate($"http://{text}/", UriKind.Absolute, out var url) && url.Host.Length > 0 && url.Port > 0
        && url.UserInfo.Length == 0 && url.AbsolutePath == "/" && text.EndsWith($":{url.Port}", StringComparison.Ordinal);
}
