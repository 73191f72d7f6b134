using ScrapeCluster.Model;

namespace ScrapeCluster.RemoteWrite;

/// <summary>What some target says of one metric family.</summary>
public readonly record struct MetadataEntry(string Family, MetricMetadata Metadata);
