namespace ScrapeCluster.SystemTests.Acceptance;

/// <summary>
/// Cases of the suites that were recorded from version 2.42 and that version 3, the truth here, answers differently, each with the reason. Every
/// one must fail: a case that passes has no place in the table any more.
/// </summary>
internal static class SuiteDifferences
{
    private const string NoDefaultPort = "3.0 adds no default port to an address (the behaviour of 2.x's feature no-default-scrape-port)";
    private const string DotMatchesNewline = "3.0 compiles relabelling patterns with (?s)";
    private const string AnyUtf8Name = "3.0 takes any UTF-8 text as a label name; 3.14's own file of this name holds 0xff instead";
    private const string CanonicalBounds = "3.0 writes le and quantile in OpenMetrics' form: 1 becomes 1.0";
    private const string QuotedNames = "3.0 reads quoted names, whatever escapes they hold";
    private const string CreatedSamples = "expectation of the parser with start timestamps switched on; without that feature _created is a series";
    private const string EmptyPage = "3.0 takes an empty body for an empty scrape before any parser sees it; the expectation is of the parser alone";
    private const string FirstOfPage = "3.0 keeps the first of two samples of one series in one page";
    private const string ExemplarsEverywhere = "since 2.43 every series may carry an exemplar (prometheus/prometheus#11984)";

    public static IReadOnlyDictionary<string, string> Targets { get; } = new Dictionary<string, string>
    {
        ["pre-set-labels"] = NoDefaultPort,
        ["ipv6-default-port"] = NoDefaultPort,
        ["default-port-http"] = NoDefaultPort,
        ["default-port-https"] = NoDefaultPort,
    };

    public static IReadOnlyDictionary<string, string> Relabel { get; } = new Dictionary<string, string>
    {
        ["relabel-x-default-regex-does-not-cross-newline"] = DotMatchesNewline,
        ["relabel-x-default-regex-newline-drop"] = DotMatchesNewline,
        ["relabel-x-target-label-templated-invalid-name"] = AnyUtf8Name,
    };

    public static IReadOnlyDictionary<string, string> RelabelValidity { get; } = new Dictionary<string, string>
    {
        ["{\"source_labels\": [\"a\"], \"target_label\": \"-label\"}"] = AnyUtf8Name,
        ["{\"source_labels\": [\"a\"], \"target_label\": \"-foo${1}bar-\"}"] = AnyUtf8Name,
        ["{\"action\": \"hashmod\", \"source_labels\": [\"a\"], \"target_label\": \"${1}\", \"modulus\": 3}"] = AnyUtf8Name,
        ["{\"action\": \"labelmap\", \"regex\": \"a(.*)\", \"replacement\": \"-bad\"}"] = AnyUtf8Name,
        ["{\"source_labels\": [\"a-b\"], \"target_label\": \"d\"}"] = AnyUtf8Name,
    };

    public static IReadOnlyDictionary<string, string> Config { get; } = new Dictionary<string, string>
    {
        ["prometheus/v2.42.0/config/testdata/labelmap.bad.yml"] = AnyUtf8Name,
        ["prometheus/v2.42.0/config/testdata/labelname.bad.yml"] = AnyUtf8Name,
        ["prometheus/v2.42.0/config/testdata/labelname2.bad.yml"] = AnyUtf8Name,
        ["prometheus/v2.42.0/config/testdata/lowercase2.bad.yml"] = AnyUtf8Name,
        ["prometheus/v2.42.0/config/testdata/uppercase2.bad.yml"] = AnyUtf8Name,
    };

    public static IReadOnlyDictionary<string, string> Textparse { get; } = new Dictionary<string, string>
    {
        ["prom-page-242"] = CanonicalBounds,
        ["om-page-242"] = CanonicalBounds,
        ["om-page-3"] = CreatedSamples,
        ["om-page-utf8"] = CreatedSamples,
        ["om-err-02"] = EmptyPage,
        ["expfmt-ok-04"] = CanonicalBounds,
        ["expfmt-ok-05"] = QuotedNames,
        ["expfmt-ok-06"] = QuotedNames,
        ["expfmt-ok-07"] = QuotedNames,
        ["expfmt-ok-08"] = QuotedNames,
        ["expfmt-ok-09"] = QuotedNames,
        ["expfmt-ok-10"] = QuotedNames,
        ["expfmt-ok-11"] = QuotedNames,
        ["expfmt-ok-12"] = CanonicalBounds,
        ["expfmt-ok-13"] = CanonicalBounds,
        ["expfmt-ok-14"] = CanonicalBounds,
        ["expfmt-err-36"] = QuotedNames,
        ["expfmt-err-38"] = QuotedNames,
        ["expfmt-err-39"] = QuotedNames,
        ["expfmt-err-40"] = QuotedNames,
        ["expfmt-err-41"] = QuotedNames,
        ["expfmt-err-42"] = QuotedNames,
        ["expfmt-err-43"] = CanonicalBounds,
        ["expfmt-err-44"] = CanonicalBounds,
        ["expfmt-err-45"] = CanonicalBounds,
        ["expfmt-err-46"] = CanonicalBounds,
        ["pyclient-utf8_counter"] = QuotedNames,
        ["pyclient-complex_name_counter"] = QuotedNames,
        ["pyclient-simple_histogram"] = CanonicalBounds,
        ["pyclient-timestamps"] = FirstOfPage,
    };

    /// <summary>Pages of the OpenMetrics corpus on which the node and stock Prometheus 2.42 disagree.</summary>
    public static IReadOnlyDictionary<string, string> OpenMetrics { get; } = new Dictionary<string, string>
    {
        ["bad_no_eof"] = EmptyPage,
        ["bad_exemplars_on_unallowed_metric_types_0"] = ExemplarsEverywhere,
    };
}
