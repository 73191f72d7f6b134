namespace ScrapeCluster.Cluster.Placement;

/// <summary>
/// What a bucket weighs: its measured load; before it was measured, its targets times the mean of the job's measured ones, or of all jobs'.
/// </summary>
public static class LoadModel
{
    /// <summary>A target nobody has scraped yet: about what a node exporter exposes, every 15 s.</summary>
    public const double UnknownTarget = 1000.0 / 15;

    /// <param name="buckets">Targets and measured load of each bucket; no load = not measured.</param>
    public static double[] Estimate(IReadOnlyList<(string Job, int Targets, double? Measured)> buckets)
    {
        var ofJob = new Dictionary<string, (double Load, long Targets)>(StringComparer.Ordinal);
        var ofAll = (Load: 0.0, Targets: 0L);
        foreach (var (job, targets, measured) in buckets)
        {
            if (measured is { } load)
            {
                var sum = ofJob.GetValueOrDefault(job);
                ofJob[job] = (sum.Load + load, sum.Targets + targets);
                ofAll = (ofAll.Load + load, ofAll.Targets + targets);
            }
        }

        var mean = ofAll.Targets > 0 ? ofAll.Load / ofAll.Targets : UnknownTarget;
        var loads = new double[buckets.Count];
        for (var i = 0; i < loads.Length; i++)
        {
            var (job, targets, measured) = buckets[i];
            var known = ofJob.GetValueOrDefault(job);
            loads[i] = measured ?? targets * (known.Targets > 0 ? known.Load / known.Targets : mean);
        }

        return loads;
    }
}
