using System.Globalization;
using System.Net.Http.Headers;

namespace ScrapeCluster.RemoteWrite.Client;

/// <summary>What a receiver of remote write 2.0 says it wrote (Remote-Write 2.0, "Required Written Response Headers").</summary>
/// <param name="AreStated">False: none of the headers was there.</param>
internal readonly record struct WrittenCounts(bool AreStated, int Samples, int Histograms, int Exemplars)
{
    public bool IsNothing => (Samples | Histograms | Exemplars) == 0;

    /// <summary>A header that is missing, or no number, counts as 0.</summary>
    public static WrittenCounts Read(HttpResponseHeaders headers)
    {
        var areStated = false;
        return new WrittenCounts(true, Of("Samples"), Of("Histograms"), Of("Exemplars")) with { AreStated = areStated };

        int Of(string kind)
        {
            if (!headers.NonValidated.TryGetValues($"X-Prometheus-Remote-Write-{kind}-Written", out var values))
            {
                return 0;
            }

            areStated = true;
            return long.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? (int)Math.Min(count, int.MaxValue) : 0;
        }
    }
}
