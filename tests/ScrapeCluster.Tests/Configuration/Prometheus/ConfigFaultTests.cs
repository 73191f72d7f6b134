using ScrapeCluster.Configuration;

namespace ScrapeCluster.Tests.Configuration.Prometheus;

/// <summary>What is refused, where, and in which words.</summary>
public sealed class ConfigFaultTests
{
    [Theory]
    // keys
    [InlineData("global: {nonexistent: 1}", "prometheus.yml:1: global.nonexistent: field nonexistent not found in type config.plain")]
    [InlineData("scrape_configs: []\nscrape_configs: []", "prometheus.yml:2: field scrape_configs already set in type config.plain")]
    [InlineData("global:\n  external_labels:\n    a: b\n    a: c", "prometheus.yml:4: global.external_labels: key \"a\" already set in map")]
    [InlineData("rule_files: [a]\nalerting: {alertmanagers: [{scheme: a, scheme: b}]}", "prometheus.yml:2: alerting.alertmanagers[0]: field scheme already set in type config.plain")]
    [InlineData("- a", "cannot unmarshal !!seq into config.plain")]
    [InlineData("scrape_configs: {a: b}", "scrape_configs: yaml: unmarshal errors: cannot unmarshal !!map into list")]
    // global
    [InlineData("global: {scrape_interval: 10s, scrape_timeout: 11s}", "global scrape timeout greater than scrape interval")]
    [InlineData("global: {scrape_interval: 1.5s}", "global.scrape_interval: not a valid duration string: \"1.5s\"")]
    [InlineData("global: {scrape_interval: 99999y}", "duration out of range")]
    [InlineData("global: {sample_limit: -1}", "cannot unmarshal !!int `-1` into uint")]
    [InlineData("global: {body_size_limit: 100}", "units: unknown unit  in 100")]
    [InlineData("global: {scrape_protocols: []}", "scrape_protocols cannot be empty for global config")]
    [InlineData("global: {scrape_protocols: [prometheustext0.0.4]}", "unknown scrape protocol prometheustext0.0.4, supported: [OpenMetricsText0.0.1 ")]
    [InlineData("global: {metric_name_validation_scheme: ascii}", "unrecognized ValidationScheme: \"ascii\"")]
    [InlineData("global: {metric_name_escaping_scheme: none}", "must be one of 'allow-utf-8', 'underscores', 'dots', or 'values', got \"none\"")]
    [InlineData("global: {metric_name_validation_scheme: legacy, external_labels: {a-b: c}}", "\"a-b\" is not a valid label name")]
    [InlineData("global: {external_labels: {a: !!binary /w==}}", "\"\\xff\" is not a valid label value")]
    [InlineData("global: {external_labels: {'': c}}", "\"\" is not a valid label name")]
    // YAML itself
    [InlineData("global: {a: *nowhere}", "yaml: unknown anchor 'nowhere' referenced")]
    [InlineData("global: &a {b: *a}", "yaml: anchor 'a' value contains itself")]
    [InlineData("global: {a: !!binary '$1'}", "yaml: !!binary value contains invalid base64 data")]
    [InlineData("global:\n\tscrape_interval: 1m", "yaml: While scanning a mapping, ")]
    [InlineData("a: 1\nb: \0", "prometheus.yml:2: yaml: control characters are not allowed (0x00)")]
    [InlineData("global: {<<: 5}", "map merge requires map or sequence of maps as the value")]
    // files
    [InlineData("scrape_config_files: ['a/*/b']", "invalid scrape config file path \"a/*/b\"")]
    [InlineData("rule_files: ['a/*/b']", "invalid rule file path \"a/*/b\"")]
    public void Parse_BadFile_NamesPlaceAndFault(string yaml, string expected) => AssertFault(yaml, expected);

    [Theory]
    [InlineData("job_name:", "job_name is empty")]
    [InlineData("scrape_interval: 5s, scrape_timeout: 6s", "scrape timeout greater than scrape interval for scrape config with job name \"a\"")]
    [InlineData("scrap_interval: 5s", "field scrap_interval not found in type config.plain (did you mean scrape_interval?)")]
    [InlineData("honor_labels: 'true'", "cannot unmarshal !!str `true` into bool")]
    [InlineData("scrape_protocols: [PrometheusProto, PrometheusProto]", "duplicated protocol in scrape_protocols, got [PrometheusProto PrometheusProto] for scrape config")]
    [InlineData("fallback_scrape_protocol: x", "invalid fallback_scrape_protocol for scrape config with job name \"a\": unknown scrape protocol x")]
    [InlineData("fallback_scrape_protocol: [x]", "scrape_configs[0].fallback_scrape_protocol: yaml: unmarshal errors: cannot unmarshal !!seq into string")]
    [InlineData("metric_name_validation_scheme: legacy, metric_name_escaping_scheme: allow-utf-8", "utf8 metric names requested but validation scheme is not set to UTF8")]
    [InlineData("static_configs: [null]", "empty or null section in static_configs")]
    [InlineData("static_configs: [{targets: ['http://bad']}]", "\"http://bad\" is not a valid hostname")]
    [InlineData("static_configs: [{target: ['a']}]", "field target not found in type struct")]
    [InlineData("static_configs: [{targets: [a], labels: {'': b}}]", "\"\" is not a valid label name")]
    [InlineData("file_sd_configs: [{files: []}]", "file service discovery config must contain at least one path name")]
    [InlineData("file_sd_configs: [{files: ['a/*/b.json']}]", "path name \"a/*/b.json\" is not valid for file discovery")]
    [InlineData("file_sd_configs: [{files: ['b.txt']}]", "path name \"b.txt\" is not valid for file discovery")]
    [InlineData("http_sd_configs: [{}]", "URL is missing")]
    [InlineData("http_sd_configs: [{url: 'ftp://a'}]", "URL scheme must be 'http' or 'https'")]
    [InlineData("http_sd_configs: [{url: 'http://'}]", "host is missing in URL")]
    [InlineData("consul_sd_configs: [null]", "empty or null section in consul_sd_configs")]
    [InlineData("consul_sd_configs: [{server: a, server: b}]", "already set in")]
    [InlineData("consul_sd_configs: [{bearer_token: a, bearer_token_file: b}]", "at most one of bearer_token & bearer_token_file must be configured")]
    public void Parse_BadJob_NamesPlaceAndFault(string settings, string expected)
    {
        var name = settings.StartsWith("job_name", StringComparison.Ordinal) ? "" : "job_name: a, ";
        AssertFault($"scrape_configs:\n- {{{name}{settings}}}", expected);
    }

    [Theory]
    [InlineData("bearer_token: a, bearer_token_file: b", "at most one of bearer_token & bearer_token_file must be configured")]
    [InlineData("bearer_token: a, basic_auth: {}", "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured")]
    [InlineData("bearer_token: a, authorization: {}", "authorization is not compatible with bearer_token & bearer_token_file")]
    [InlineData("basic_auth: {}, authorization: {}", "at most one of basic_auth, oauth2 & authorization must be configured")]
    [InlineData("basic_auth: {password: a, password_file: b}", "at most one of basic_auth password, password_file & password_ref must be configured")]
    [InlineData("basic_auth: {username: a, username_file: b}", "at most one of basic_auth username, username_file & username_ref must be configured")]
    [InlineData("basic_auth: {password_ref: b}", "password_ref needs a secret manager")]
    [InlineData("authorization: {type: Basic}", "authorization type cannot be set to \"basic\", use \"basic_auth\" instead")]
    [InlineData("authorization: {credentials: a, credentials_file: b}", "at most one of authorization credentials & credentials_file must be configured")]
    [InlineData("oauth2: {token_url: 'http://a'}", "oauth2 client_id must be configured")]
    [InlineData("oauth2: {client_id: a}", "oauth2 token_url must be configured")]
    [InlineData("oauth2: {client_id: a, token_url: b, client_secret: c, client_secret_file: d}", "at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured")]
    [InlineData("oauth2: {client_id: a, token_url: b, grant_type: password}", "unknown oauth2 grant_type \"password\"")]
    [InlineData("oauth2: {client_id: a, token_url: b}, basic_auth: {}", "at most one of basic_auth, oauth2 & authorization must be configured")]
    [InlineData("tls_config: {min_version: TLS9}", "unknown TLS version: TLS9")]
    [InlineData("tls_config: {min_version: TLS13, max_version: TLS12}", "max_version must be greater than or equal to tls_config.min_version")]
    [InlineData("tls_config: {ca: a, ca_file: b}", "at most one of ca and ca_file must be configured")]
    [InlineData("tls_config: {cert: a}", "exactly one of key or key_file must be configured when a client certificate is provided")]
    [InlineData("tls_config: {key: a}", "exactly one of cert or cert_file must be configured when a client key is provided")]
    [InlineData("proxy_url: ':8080'", "missing protocol scheme")]
    [InlineData("no_proxy: a", "if no_proxy is configured, proxy_url must also be configured")]
    [InlineData("proxy_from_environment: true, proxy_url: 'http://a'", "if proxy_from_environment is configured, proxy_url must not be configured")]
    [InlineData("proxy_from_environment: true, no_proxy: a", "if proxy_from_environment is configured, no_proxy must not be configured")]
    [InlineData("proxy_connect_header: {A: [b]}", "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also be configured")]
    [InlineData("http_headers: {authorization: {values: [a]}}", "setting header \"authorization\" is not allowed")]
    [InlineData("http_headers: {x-Prometheus-Scrape-Timeout-Seconds: {values: [a]}}", "is not allowed")]
    [InlineData("http_headers: {a: {value: [a]}}", "field value not found in type config.plain (did you mean values?)")]
    public void Parse_BadHttpClient_NamesFault(string settings, string expected)
    {
        AssertFault($"scrape_configs:\n- {{job_name: a, {settings}}}", expected);
        AssertFault($"remote_write:\n- {{url: 'http://a', {settings}}}", expected);
        AssertFault($"scrape_configs:\n- {{job_name: a, http_sd_configs: [{{url: 'http://a', {settings}}}]}}", expected);
    }

    [Theory]
    [InlineData("null", "empty or null target relabeling rule")]
    [InlineData("{action: }", "relabel action cannot be empty")]
    [InlineData("{action: nosuch}", "unknown relabel action \"nosuch\"")]
    [InlineData("{action: hashmod, target_label: a}", "relabel configuration for hashmod requires non-zero modulus")]
    [InlineData("{source_labels: [a]}", "relabel configuration for replace action requires 'target_label' value")]
    [InlineData("{target_label: a, regex: 'a('}", "relabel_configs[0].regex: error parsing regexp")]
    [InlineData("{target_label: a, source_labels: ['']}", "relabel_configs[0].source_labels[0]: \"\" is not a valid label name")]
    [InlineData("{action: lowercase, target_label: a, replacement: b}", "'replacement' can not be set for lowercase action")]
    [InlineData("{action: labeldrop, target_label: a}", "labeldrop action requires only 'regex', and no other fields")]
    [InlineData("{action: dropequal, target_label: a, source_labels: [b], separator: c}", "dropequal action requires only 'source_labels' and `target_label`, and no other fields")]
    [InlineData("{target_label: a, modulus: 18446744073709551616}", "cannot unmarshal !!float `18446744073709551616` into uint")]
    [InlineData("{target_label: a, modulus: -1}", "cannot unmarshal !!int `-1` into uint")]
    [InlineData("{target_label: a, modulus: x}", "cannot unmarshal !!str `x` into uint")]
    [InlineData("{target_label: a, target: b}", "field target not found in type relabel.plain")]
    public void Parse_BadRelabelRule_NamesFault(string rule, string expected)
    {
        AssertFault($"scrape_configs:\n- {{job_name: a, relabel_configs: [{rule}]}}", expected);
    }

    [Fact]
    public void Parse_LegacyNames_ApplyToRelabelRules()
    {
        const string Job = "scrape_configs:\n- {job_name: a, metric_name_validation_scheme: legacy, relabel_configs: [{target_label: 4a, source_labels: [a-b]}]}";
        AssertFault(Job, "\"4a\" is invalid 'target_label' for replace action");
        AssertFault(Job, "\"a-b\" is not a valid label name");
    }

    [Theory]
    [InlineData("{url: }", "url for remote_write is empty")]
    [InlineData("null", "empty or null remote write config section")]
    [InlineData("{url: 'http://a b/'}", "invalid character \" \" in host name")]
    [InlineData("{url: 'http://a:b/'}", "invalid port \":b\" after host")]
    [InlineData("{url: '1.2.3.4:80/x'}", "first path segment in URL cannot contain colon")]
    [InlineData("{url: a, write_relabel_configs: [null]}", "empty or null relabeling rule in remote write config")]
    [InlineData("{url: a, headers: {Authorization: b}}", "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter")]
    [InlineData("{url: a, headers: {Host: b}}", "Host is a reserved header. It must not be changed")]
    [InlineData("{url: a, protobuf_message: v2}", "invalid protobuf_message value: unknown type for remote write protobuf message v2, supported: prometheus.WriteRequest, io.prometheus.write.v2.Request")]
    [InlineData("{url: a, sigv4: {}, basic_auth: {}}", "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured")]
    [InlineData("{url: a, queue_config: {capacity: 0}}", "remote write queue capacity must be positive")]
    [InlineData("{url: a, queue_config: {max_shards: -1}}", "remote write queue max_shards must be positive")]
    [InlineData("{url: a, queue_config: {min_shards: 51}}", "remote write queue min_shards must not be greater than max_shards")]
    [InlineData("{url: a, queue_config: {min_backoff: 6s}}", "remote write queue max_backoff must not be less than min_backoff")]
    [InlineData("{url: a, queue_config: {batch_send_deadline: 0s}}", "remote write queue batch_send_deadline must be positive")]
    [InlineData("{url: a, remote_timeout: x}", "not a valid duration string: \"x\"")]
    public void Parse_BadReceiver_NamesFault(string receiver, string expected) => AssertFault($"remote_write:\n- {receiver}", expected);

    [Fact]
    public void Parse_ManyFaults_ReportsAllInOrderOfLines()
    {
        const string Yaml = """
            global:
              scrape_interval: 5x
              nonsense: 1
            scrape_configs:
              - job_name: a
                honor_labels: maybe
              - job_name: a
                relabel_configs:
                  - action: hashmod
                    target_label: b
            remote_write:
              - url:
            """;
        var result = PrometheusConfigFile.Parse(Yaml);
        Assert.Equal([2, 3, 6, 7, 9, 12], result.Faults.Select(fault => fault.Line));
        Assert.Null(result.Config);
    }

    [Fact]
    public void Load_BytesThatAreNoUtf8_NamesLineAndByte()
    {
        using var directory = new TempDirectory();
        var path = directory.Write("a.yml", [.. "global:\n  external_labels:\n    a: "u8, 0xff, (byte)'\n']);
        Assert.Equal($"{path}:3: yaml: invalid UTF-8: byte 0xff at offset 34", Assert.Single(PrometheusConfigFile.Load(path).Faults).ToString());
    }

    [Fact]
    public void Load_NoSuchFile_IsAFault()
    {
        var fault = Assert.Single(PrometheusConfigFile.Load("/no/such/prometheus.yml").Faults);
        Assert.Equal(("/no/such/prometheus.yml", 0), (fault.File, fault.Line));
        Assert.Contains("cannot read the file", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_BillionLaughs_IsRefused()
    {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + string.Concat(
            Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        AssertFault(yaml, "yaml: document contains excessive aliasing");
    }

    [Fact]
    public void Parse_DeepNesting_IsRefused() => AssertFault("a: " + new string('[', 300) + new string(']', 300), "nested deeper than 200 levels");

    private static void AssertFault(string yaml, string expected)
    {
        var result = PrometheusConfigFile.Parse(yaml);
        Assert.Null(result.Config);
        Assert.Contains(expected, result.FaultText(), StringComparison.Ordinal);
    }
}
