using ScrapeCluster.Model;

namespace ScrapeCluster.Cluster.Ownership;

/// <summary>Series lines cut into parcels that fit a message.</summary>
internal static class LineParcels
{
    /// <summary>Below the 4 MiB that a call may carry, with room for the rest of the message.</summary>
    public const int MaxBytes = (4 << 20) - (64 << 10);

    /// <summary>Bytes that a line's message has besides the packed lines.</summary>
    private const int Overhead = 16;

    /// <summary>At least one parcel, though it be empty. A target whose lines alone are too large is left out: it costs markers, not scrapes.</summary>
    public static List<List<TargetLines>> Of(IReadOnlyList<TargetLines> lines, int maxBytes = MaxBytes)
    {
        var parcels = new List<List<TargetLines>> { new() };
        var size = 0;
        foreach (var line in lines)
        {
            var bytes = line.Packed.Length + Overhead;
            if (bytes > maxBytes)
            {
                continue;
            }

            if (size + bytes > maxBytes)
            {
                parcels.Add([]);
                size = 0;
            }

            parcels[^1].Add(line);
            size += bytes;
        }

        return parcels;
    }
}
