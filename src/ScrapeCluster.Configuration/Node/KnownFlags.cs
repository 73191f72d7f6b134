namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// The node's own flags and every flag of Prometheus 2.42 and 3.x, hidden and deprecated ones included, so that a command line that starts Prometheus
/// also starts a node (https://prometheus.io/docs/prometheus/latest/command-line/prometheus/ and <c>prometheus --help</c> of 2.42).
/// </summary>
internal static class KnownFlags
{
    public static readonly IReadOnlyList<KnownFlag> Own =
    [
        new("config.file", FlagKind.Text, "scrapecluster.config.file") { Help = "Path of prometheus.yml. Without it the node scrapes itself." },
        new("config.skip-unsupported", FlagKind.Switch, "scrapecluster.config.skip-unsupported")
        {
            Help = "Start without the jobs whose kind of discovery is not built, instead of not starting.",
        },
        new("storage.path", FlagKind.Text, "scrapecluster.storage.path") { Help = "Directory of the data; --storage.tsdb.path and --storage.agent.path are the same." },
        new("storage.tsdb.path", FlagKind.Text, "scrapecluster.storage.path"),
        new("storage.agent.path", FlagKind.Text, "scrapecluster.storage.path"),
        new("storage.tsdb.retention.time", FlagKind.Duration, "scrapecluster.storage.retention-time") { Help = "Age from which samples are deleted, e.g. 15d." },
        new("storage.tsdb.retention.size", FlagKind.Size, "scrapecluster.storage.retention-size")
        {
            Help = "Size of the data above which the oldest is deleted, e.g. 512MB; without a retention time then none applies.",
        },
        new("web.listen-address", FlagKind.Text, "scrapecluster.web.listen-address") { Help = "host:port of the page, the API and /metrics." },
        new("web.external-url", FlagKind.Text, "scrapecluster.web.external-url") { Help = "URL under which others reach this node." },
        new("web.enable-lifecycle", FlagKind.Switch, "scrapecluster.web.enable-lifecycle") { Help = "Answer POST /-/reload and POST /-/quit." },
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
        Switch("web.enable-admin-api", "has no effect: Prometheus's admin API is not built"),
        Switch("web.enable-remote-write-receiver", "has no effect: this node scrapes and sends, it receives no remote write"),
        Switch("web.enable-otlp-receiver", "has no effect: this node receives no OTLP"),
        Value("web.remote-write-receiver.accepted-protobuf-messages", "has no effect: this node receives no remote write") with { MayRepeat = true },

        Value("storage.tsdb.min-block-duration", "has no effect: the head reaches back by scrapecluster.storage.head-range"),
        Value("storage.tsdb.max-block-duration", "has no effect: blocks are not compacted"),
        Value("storage.tsdb.max-block-chunk-segment-size", "has no effect: blocks are not written"),
        Value("storage.tsdb.retention.percentage", "has no effect: use --storage.tsdb.retention.size"),
        Value("storage.tsdb.wal-compression-type", "has no effect: set scrapecluster.storage.wal.compression to none or snappy"),
        Value("storage.tsdb.head-chunks-write-queue-size", "has no effect: chunks are written without a queue of their own"),
        Value("storage.tsdb.samples-per-chunk", "has no effect: a chunk holds 120 samples"),
        Value("storage.tsdb.delayed-compaction.max-percent", "has no effect: blocks are not compacted"),
        Value("storage.tsdb.delay-compact-file.path", "has no effect: blocks are not compacted"),
        Value("storage.tsdb.block-reload-interval", "has no effect: blocks are not loaded"),
        Switch("storage.tsdb.wal-compression", "has no effect: set scrapecluster.storage.wal.compression to none or snappy"),
        Switch("storage.tsdb.allow-overlapping-blocks", "has no effect: blocks are not compacted"),
        Switch("storage.tsdb.allow-overlapping-compaction", "has no effect: blocks are not compacted"),
        Switch("storage.tsdb.no-lockfile", "has no effect: the data directory is always locked"),
        Switch("storage.tsdb.use-lockfile", "has no effect: the data directory is always locked"),
        Switch("storage.agent.no-lockfile", "has no effect: the data directory is always locked"),
        Switch("storage.agent.use-lockfile", "has no effect: the data directory is always locked"),
        Switch("storage.agent.wal-compression", "has no effect: set scrapecluster.storage.wal.compression to none or snappy"),
        Value("storage.agent.wal-compression-type", "has no effect: set scrapecluster.storage.wal.compression to none or snappy"),
        Value("storage.agent.wal-truncate-frequency", "has no effect: the WAL is truncated by scrapecluster.storage.head-range and the retention"),
        Value("storage.agent.retention.min-time", "has no effect: the retention is --storage.tsdb.retention.time"),
        Value("storage.agent.retention.max-time", "has no effect: the retention is --storage.tsdb.retention.time"),
        Value("storage.remote.read-sample-limit", "has no effect: remote read is not built"),
        Value("storage.remote.read-concurrent-limit", "has no effect: remote read is not built"),
        Value("storage.remote.read-max-bytes-in-frame", "has no effect: remote read is not built"),

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
        Switch("agent", "has no effect: a node always scrapes, stores and sends"),
        Switch("auto-gomaxprocs", "has no effect: it tunes the Go runtime; the .NET runtime follows the container's limits by itself"),
        Switch("auto-gomemlimit", "has no effect: it tunes the Go runtime; the .NET runtime follows the container's limits by itself"),
        Value("auto-gomemlimit.ratio", "has no effect: it tunes the Go runtime; the .NET runtime follows the container's limits by itself"),
        Value("auto-gomemlimit.refresh-interval", "has no effect: it tunes the Go runtime; the .NET runtime follows the container's limits by itself"),
        Value("enable-feature", "has no effect: what is built is on, or has a key in prometheus.yml") with { MayRepeat = true },
        Switch("write-documentation", "has no effect: the documentation is in docs/configuration.md"),
        Switch("help-long", "has no effect: use --help"),
        Switch("help-man", "has no effect: use --help"),
    ];

    public static readonly IReadOnlyDictionary<string, KnownFlag> ByName = Own.Concat(OfPrometheus).ToDictionary(flag => flag.Name, StringComparer.Ordinal);

    private static KnownFlag Takes(string name, FlagKind kind, string key) => new(name, kind, key) { Note = $"sets {key} here" };

    private static KnownFlag Value(string name, string note) => new(name, FlagKind.Text, null) { Note = note };

    private static KnownFlag Switch(string name, string note) => new(name, FlagKind.Switch, null) { Note = note };
}
