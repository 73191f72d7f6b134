namespace ScrapeCluster.Model;

/// <summary>One target of a job, ready to be scraped.</summary>
public sealed record ScrapeTarget
{
    /// <summary>The labels that go onto every sample: the final set without <c>__*</c>.</summary>
    public required Labels Labels { get; init; }

    /// <summary>The final set with its internal <c>__*</c> labels but <c>__meta_*</c>; this is what the hash covers.</summary>
    public required Labels AllLabels { get; init; }

    /// <summary>The set before relabelling, for the API.</summary>
    public required Labels DiscoveredLabels { get; init; }

    public required string Url { get; init; }

    /// <summary>Path of the socket to dial instead of the URL's host, from <c>__unix_socket__</c>; null for TCP.</summary>
    public string? UnixSocket { get; init; }

    public required TimeSpan Interval { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>Identity within the job, and the source of the target's phase and bucket.</summary>
    public required ulong Hash { get; init; }

    public bool ConvertClassicHistogramsToNhcb { get; init; }

    public bool AlwaysScrapeClassicHistograms { get; init; }

    public bool ScrapeNativeHistograms { get; init; }
}
