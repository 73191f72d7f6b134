using System.Globalization;

namespace ScrapeCluster.Configuration;

/// <summary>Checks <c>storage</c>.</summary>
internal static class StorageCheck
{
    public static void Check(YamlValue value)
    {
        if (value.AsSection() is not { } section)
        {
            return;
        }

        if (section.Find("exemplars")?.AsSection() is { } exemplars)
        {
            exemplars.Find("max_exemplars")?.AsInteger(long.MinValue);
            exemplars.Finish();
        }

        if (section.Find("tsdb")?.AsSection() is { } tsdb)
        {
            CheckTsdb(tsdb);
        }

        section.Finish();
    }

    private static void CheckTsdb(Section section)
    {
        section.Duration("out_of_order_time_window");
        section.Double("stale_series_compaction_threshold");
        if (section.Find("chunk_encoding")?.AsSection() is { } encoding)
        {
            if (encoding.String("floats") is not ("" or "xor" or "xor2") and var floats)
            {
                encoding.FaultAt("floats", $"'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got \"{floats}\"");
            }

            encoding.Finish();
        }

        if (section.Find("retention")?.AsSection() is { } retention)
        {
            CheckRetention(retention);
        }

        section.Finish();
    }

    private static void CheckRetention(Section section)
    {
        section.Duration("time");
        if (section.Find("size") is { } size)
        {
            if (!ByteSize.TryParse(size.AsString(), out var bytes, out var fault) || bytes < 0)
            {
                size.Fault(fault ?? $"'storage.tsdb.retention.size' must be greater than or equal to 0, got {size.AsString()}");
            }
        }

        if (section.Double("percentage") is (< 0 or > 100) and var percentage)
        {
            section.FaultAt("percentage", $"'storage.tsdb.retention.percentage' must be in the range [0, 100], got {percentage.ToString(CultureInfo.InvariantCulture)}");
        }

        section.Finish();
    }
}
