namespace ScrapeCluster.Node.Receiving;

/// <summary>What a request held beside the samples that the storage is given.</summary>
internal struct WriteTally
{
    /// <summary>Samples of series whose labels are no series.</summary>
    public int InvalidLabelSamples;

    /// <summary>Samples too far ahead of the clock.</summary>
    public int FutureSamples;

    /// <summary>Series of 2.0 with neither samples nor histograms.</summary>
    public int EmptySeries;

    public int Histograms;
    public int Exemplars;

    /// <summary>Entries of 1.0, which are of families and not of series.</summary>
    public int MetadataEntries;

    /// <summary>Samples whose series came with metadata that the storage is given.</summary>
    public int DescribedSamples;
}
