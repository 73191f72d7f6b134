namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// The node's own flags and every flag of Prometheus 2.42 and 3.x, hidden and deprecated ones included, so that a command line that starts Prometheus
/// also starts a node (https://prometheus.io/docs/prometheus/latest/command-line/prometheus/ and <c>prometheus --help</c> of 2.42).
/// </summary>
internal static class KnownFlags
{
    public const string EnableFeature = "enable-feature";

    /// <summary>A feature, by Prometheus's name.</summary>
    public const string MetadataRecords = "metadata-wal-records";

    /// <summary>The features that set something here. Prometheus 2 has agent mode behind one, 3 behind a flag of its own.</summary>
    public static readonly IReadOnlyDictionary<string, (string Key, string Value)> Features = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        ["agent"] = (StorageModeRules.ModeKey, "agent"),
        [MetadataRecords] = (WalSettings.MetadataRecordsKey, "true"),
    };

    public static readonly IReadOnlyList<KnownFlag> Own =
    [
        new("config.file", FlagKind.Text, "scrapecluster.config.file") { Help = "Path of prometheus.yml. Without it the node scrapes itself." },
        new("config.skip-unsupported", FlagKind.Switch, "scrapecluster.config.skip-unsupported")
        {
            Help = "Start without the jobs whose kind of discovery is not built, instead of not starting.",
        },
        new("storage.path", FlagKind.Text, "scrapecluster.storage.path")
        {
            Help = "Directory of the data; --storage.tsdb.path of a server and --storage.agent.path of an agent are the same.",
        },
        new("storage.tsdb.path", FlagKind.Text, "scrapecluster.storage.path"),
        new("storage.agent.path", FlagKind.Text, "scrapecluster.storage.path"),
        new("agent", FlagKind.Switch, StorageModeRules.ModeKey)
        {
            Help = "Keep samples only until remote_write has sent them: a WAL and nothing to query.",
            Words = ("agent", "server"),
        },
        new("storage.agent.wal-truncate-frequency", FlagKind.Duration, "scrapecluster.storage.agent.truncate-interval"),
        new("storage.agent.retention.min-time", FlagKind.Duration, "scrapecluster.storage.agent.min-time")
        {
            Help = "What was sent is kept so long at least, e.g. 5m; agent mode only.",
        },
        new("storage.agent.retention.max-time", FlagKind.Duration, "scrapecluster.storage.agent.max-time")
        {
            Help = "What is older goes, sent or not, e.g. 4h; agent mode only.",
        },
        new("storage.tsdb.retention.time", FlagKind.Duration, "scrapecluster.storage.retention-time") { Help = "Age from which samples are deleted, e.g. 15d." },
        new("storage.tsdb.retention.size", FlagKind.Size, "scrapecluster.storage.retention-size")
        {
            Help = "Size of the data above which the oldest is deleted, e.g. 512MB; without a retention time then none applies.",
        },
        new("remote-write.owed-max-size", FlagKind.Size, "scrapecluster.remote-write.owed-max-size")
        {
            Help = "Size of the WAL kept for what remote_write has still to send, above which the oldest goes unsent, e.g. 8GB; 0: no limit.",
        },
        new("remote-write.owed-max-age", FlagKind.Duration, "scrapecluster.remote-write.owed-max-age")
        {
            Help = "How long the WAL is kept for it, e.g. 24h; 0: no limit. Of an agent --storage.agent.retention.max-time.",
        },
        new("remote-write.replicas", FlagKind.Text, "scrapecluster.remote-write.replicas")
        {
            Help = "Of targets that several nodes scrape: all (each node's samples, told apart by a label) or primary (one node's, the other's where that has none).",
        },
        new("web.listen-address", FlagKind.Text, "scrapecluster.web.listen-address") { Help = "host:port of the page, the API and /metrics." },
        new("web.external-url", FlagKind.Text, "scrapecluster.web.external-url") { Help = "URL under which others reach this node." },
        new("web.enable-lifecycle", FlagKind.Switch, "scrapecluster.web.enable-lifecycle") { Help = "Answer POST /-/reload and POST /-/quit." },
        new("web.enable-admin-api", FlagKind.Switch, "scrapecluster.web.enable-admin-api")
        {
            Help = "Answer POST /api/v1/admin/tsdb/snapshot: to whoever shows the admin token, or, where the node has no secret and no admin-token-file, to anybody who reaches the port.",
        },
        new("web.enable-remote-write-receiver", FlagKind.Switch, RemoteWriteReceiverSettings.EnabledKey)
        {
            Help = "Answer POST /api/v1/write: store what others send by remote write 1.0 or 2.0, from anybody who reaches the port.",
        },
        new("cluster.name", FlagKind.Text, "scrapecluster.cluster.name") { Help = "Name of the cluster; several may share a database." },
        new("cluster.node-name", FlagKind.Text, "scrapecluster.cluster.node-name") { Help = "Name of this node in it; the machine's unless given." },
        new("cluster.database", FlagKind.Database, "scrapecluster.cluster.database")
        {
            Help = "PostgreSQL through which the nodes agree: a connection string or postgres:// URL. Without it the node is alone.",
        },
        new("cluster.secret-file", FlagKind.Text, "scrapecluster.cluster.secret-file")
        {
            Help = "File with the secret that the nodes share; or set the variable SCRAPECLUSTER_CLUSTER_SECRET.",
        },
        new("cluster.listen-address", FlagKind.Text, "scrapecluster.cluster.listen-address") { Help = "host:port for the other nodes, used only with a database." },
        new("cluster.advertise-address", FlagKind.Text, "scrapecluster.cluster.advertise-address") { Help = "host:port under which the other nodes reach it." },
        new("cluster.zone", FlagKind.Text, "scrapecluster.cluster.zone") { Help = "Replicas of a target are spread over zones." },
        new("cluster.capacity", FlagKind.Text, "scrapecluster.cluster.capacity") { Help = "Samples per second that this node takes at most; 0 = not limited." },
        new("cluster.replicas", FlagKind.Text, "scrapecluster.cluster.replicas") { Help = "Nodes that scrape each target." },
        new("cluster.min-members", FlagKind.Text, "scrapecluster.cluster.min-members") { Help = "Nodes that a cold start waits for." },
        new("cluster.drain-timeout", FlagKind.Duration, "scrapecluster.cluster.drain-timeout") { Help = "How long a stopping node may hand its targets over, e.g. 1m." },
        new("log.level", FlagKind.Text, "scrapecluster.log.level") { Help = "debug, info, warn or error." },
        new("log.format", FlagKind.Text, "scrapecluster.log.format") { Help = "logfmt or json." },
        new("node.config", FlagKind.Text, null) { Help = "HOCON file with settings of the node; the keys are in reference.conf." },
        new("help", FlagKind.Switch, null) { Help = "Show this text (also -h)." },
        new("version", FlagKind.Switch, null) { Help = "Show the version." },
    ];

    public static readonly IReadOnlyList<KnownFlag> OfPrometheus =
    [
        Takes("web.read-timeout", FlagKind.Duration, "scrapecluster.web.read-timeout"),
        Takes("web.max-connections", FlagKind.Text, "scrapecluster.web.max-connections"),
        Takes("storage.remote.flush-deadline", FlagKind.Duration, "scrapecluster.remote-write.flush-deadline"),
        Takes("storage.remote.read-sample-limit", FlagKind.Text, "scrapecluster.reads.max-samples"),
        Takes("storage.remote.read-concurrent-limit", FlagKind.Text, "scrapecluster.reads.concurrency"),
        Takes("storage.remote.read-max-bytes-in-frame", FlagKind.Text, "scrapecluster.reads.frame-size"),
        Takes("scrape.adjust-timestamps", FlagKind.Switch, "scrapecluster.scrape.adjust-timestamps"),
        Takes("scrape.timestamp-tolerance", FlagKind.Duration, "scrapecluster.scrape.timestamp-tolerance"),
        Takes("scrape.discovery-reload-interval", FlagKind.Duration, "scrapecluster.discovery.burst-interval"),
        Takes("storage.tsdb.retention", FlagKind.Duration, "scrapecluster.storage.retention-time"),
        Takes("storage.tsdb.wal-segment-size", FlagKind.Size, "scrapecluster.storage.wal.segment-size"),
        Takes("storage.agent.wal-segment-size", FlagKind.Size, "scrapecluster.storage.wal.segment-size"),

        Value("web.config.file", "has no effect: this node's own page and API have neither TLS nor authentication; put a proxy with both before it"),
        Value("web.route-prefix", "has no effect: every path is served at / and below the path of --web.external-url"),
        Value("web.user-assets", "has no effect: the page has no user assets"),
        Value("web.local-assets", "has no effect: the page has no asset directory"),
        Value("web.console.templates", "has no effect: there are no console templates"),
        Value("web.console.libraries", "has no effect: there are no console templates"),
        Value("web.page-title", "has no effect: the page has its own title"),
        Value("web.cors.origin", "has no effect: the API sends no CORS headers"),
        Value("web.max-notifications-subscribers", "has no effect: there are no live notifications"),
        Switch("web.enable-otlp-receiver", "has no effect: this node receives no OTLP"),
        Value("web.remote-write-receiver.accepted-protobuf-messages", "has no effect: both messages are accepted where the receiver is enabled") with { MayRepeat = true },

        Value("storage.tsdb.min-block-duration", "has no effect: blocks of the head are two hours long"),
        Value("storage.tsdb.max-block-duration", "has no effect: blocks are merged up to a tenth of the retention, at most 31 days"),
        Value("storage.tsdb.max-block-chunk-segment-size", "has no effect: a chunk file of a block has at most 512 MiB"),
        Value("storage.tsdb.retention.percentage", "has no effect: use --storage.tsdb.retention.size"),
        Value("storage.tsdb.wal-compression-type", "has no effect: set scrapecluster.storage.wal.compression to none or snappy"),
        Value("storage.tsdb.head-chunks-write-queue-size", "has no effect: chunks are written without a queue of their own"),
        Value("storage.tsdb.samples-per-chunk", "has no effect: a chunk holds 120 samples"),
        Value("storage.tsdb.delayed-compaction.max-percent", "has no effect: compaction is not delayed"),
        Value("storage.tsdb.delay-compact-file.path", "has no effect: compaction is not delayed"),
        Value("storage.tsdb.block-reload-interval", "has no effect: blocks are loaded at the start, and those that are written here"),
        Switch("storage.tsdb.wal-compression", "has no effect: set scrapecluster.storage.wal.compression to none or snappy"),
        Switch("storage.tsdb.allow-overlapping-blocks", "has no effect: overlapping blocks are always read and merged"),
        Switch("storage.tsdb.allow-overlapping-compaction", "has no effect: overlapping blocks are always merged"),
        Switch("storage.tsdb.no-lockfile", "has no effect: the data directory is always locked"),
        Switch("storage.tsdb.use-lockfile", "has no effect: the data directory is always locked"),
        Switch("storage.agent.no-lockfile", "has no effect: the data directory is always locked"),
        Switch("storage.agent.use-lockfile", "has no effect: the data directory is always locked"),
        Switch("storage.agent.wal-compression", "has no effect: set scrapecluster.storage.wal.compression to none or snappy"),
        Value("storage.agent.wal-compression-type", "has no effect: set scrapecluster.storage.wal.compression to none or snappy"),

        Value("rules.alert.for-outage-tolerance", "has no effect: this node evaluates no rules"),
        Value("rules.alert.for-grace-period", "has no effect: this node evaluates no rules"),
        Value("rules.alert.resend-delay", "has no effect: this node evaluates no rules"),
        Value("rules.max-concurrent-evals", "has no effect: this node evaluates no rules"),
        Value("alertmanager.notification-queue-capacity", "has no effect: this node sends no alerts"),
        Value("alertmanager.notification-batch-size", "has no effect: this node sends no alerts"),
        Value("alertmanager.timeout", "has no effect: this node sends no alerts"),
        Switch("alertmanager.drain-notification-queue-on-shutdown", "has no effect: this node sends no alerts"),
        Value("query.lookback-delta", "has no effect: this node has no PromQL"),
        Value("query.timeout", "has no effect: this node has no PromQL"),
        Value("query.max-concurrency", "has no effect: this node has no PromQL"),
        Value("query.max-samples", "has no effect: this node has no PromQL"),

        Value("scrape.name-escaping-scheme", "has no effect: set metric_name_escaping_scheme in prometheus.yml"),
        Value("config.auto-reload-interval", "has no effect: reload by SIGHUP or POST /-/reload"),
        Switch("config.auto-reload", "has no effect: reload by SIGHUP or POST /-/reload"),
        Switch("auto-gomaxprocs", "has no effect: it tunes the Go runtime; the .NET runtime follows the container's limits by itself"),
        Switch("auto-gomemlimit", "has no effect: it tunes the Go runtime; the .NET runtime follows the container's limits by itself"),
        Value("auto-gomemlimit.ratio", "has no effect: it tunes the Go runtime; the .NET runtime follows the container's limits by itself"),
        Value("auto-gomemlimit.refresh-interval", "has no effect: it tunes the Go runtime; the .NET runtime follows the container's limits by itself"),
        Value(EnableFeature, "has no effect but for agent and metadata-wal-records: what else is built is on, or has a key in prometheus.yml") with
        {
            MayRepeat = true,
            Help = "metadata-wal-records: write what targets say of their metrics into the WAL. agent: as --agent.",
        },
        Switch("write-documentation", "has no effect: the documentation is in docs/configuration.md"),
        Switch("help-long", "has no effect: use --help"),
        Switch("help-man", "has no effect: use --help"),
    ];

    public static readonly IReadOnlyDictionary<string, KnownFlag> ByName = Own.Concat(OfPrometheus).ToDictionary(flag => flag.Name, StringComparer.Ordinal);

    private static KnownFlag Takes(string name, FlagKind kind, string key) => new(name, kind, key) { Note = $"sets {key} here" };

    private static KnownFlag Value(string name, string note) => new(name, FlagKind.Text, null) { Note = note };

    private static KnownFlag Switch(string name, string note) => new(name, FlagKind.Switch, null) { Note = note };
}
