namespace ScrapeCluster.RemoteWrite.Encoding;

/// <summary>The labels of a series, ready for the wire: a place in a store, which stays as it is.</summary>
internal readonly record struct StoredLabels(LabelStore Store, uint Place)
{
    public int Length => Store.LengthOf(Place);

    /// <summary>Needs room for <see cref="PagedBytes.Slack"/> bytes more.</summary>
    public void CopyTo(Span<byte> destination) => Store.CopyTo(Place, destination);
}

/// <summary>A sample on its way to a receiver.</summary>
internal readonly record struct PendingSample(StoredLabels Labels, long TimestampMs, double Value);
