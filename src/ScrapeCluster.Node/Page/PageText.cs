namespace ScrapeCluster.Node.Page;

/// <summary>The fixed parts of the page.</summary>
internal static class PageText
{
    public const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>ScrapeCluster</title><style>
        body{font:14px system-ui,sans-serif;margin:1.5em;color:#222;background:#fff}h1{font-size:1.4em;margin:0}h2{font-size:1.1em;margin:1.2em 0 .3em}
        small{font-weight:normal;color:#666}table{border-collapse:collapse;width:100%;table-layout:fixed}th,td{text-align:left;padding:.25em .6em;border-bottom:1px solid #ddd;vertical-align:top;overflow-wrap:anywhere}
        th{color:#666;font-weight:normal}th.n,td.n{white-space:nowrap;overflow-wrap:normal;text-align:right}tr.down td{background:#fdf3f4}
        th.state{width:6em}th.n{width:5.6em}th.error{width:26%}code{font:12px ui-monospace,monospace;background:#f2f2f2;padding:0 .3em;margin-right:.3em}
        b.up,td.up{color:#176b2c}b.down,td.down{color:#b00020;font-weight:bold}td.unknown{color:#7a5c00}
        .banner{background:#fff3cd;border-left:4px solid #d39e00;padding:.5em .8em;margin:.4em 0}
        </style></head><body><h1>ScrapeCluster</h1>

        """;

    public const string TableHead =
        "<table><tr><th>Target<th class=\"state\">State<th class=\"n\">Scraped<th class=\"n\">Took<th class=\"n\">Samples<th class=\"n\">Next<th class=\"error\">Last error</tr>";

    /// <summary>Links are relative, so that they hold under any path prefix.</summary>
    public const string Foot = """

        <p><small><a href="api/v1/targets">targets</a> &middot; <a href="api/v1/status/config">configuration</a> &middot; <a href="api/v1/status/flags">flags</a> &middot; <a href="api/cluster/v1/actors">actors</a> &middot; <a href="metrics">metrics</a></small></p></body></html>

        """;
}
