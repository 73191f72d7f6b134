namespace ScrapeCluster.Node.Page;

/// <summary>The fixed parts of the page.</summary>
internal static class PageText
{
    public const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>ScrapeCluster</title><style>
        body{font:14px system-ui,sans-serif;margin:1.5em;color:#222;background:#fff}h1{font-size:1.4em;margin:0}h2{font-size:1.1em;margin:1.2em 0 .3em}
        small{font-weight:normal;color:#666}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25em .6em;border-bottom:1px solid #ddd;vertical-align:top;overflow-wrap:anywhere}
        th{color:#666;font-weight:normal}.up{color:#176b2c}.down{color:#b00020;font-weight:bold}.unknown{color:#7a5c00}
        .banner{background:#fff3cd;border-left:4px solid #d39e00;padding:.5em .8em;margin:.4em 0}
        </style></head><body><h1>ScrapeCluster</h1>

        """;

    public const string Foot = """

        <p><small><a href="/api/v1/targets">targets</a> &middot; <a href="/api/v1/status/config">configuration</a> &middot; <a href="/api/v1/status/flags">flags</a> &middot; <a href="/metrics">metrics</a></small></p></body></html>

        """;
}
