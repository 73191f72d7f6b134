namespace ScrapeCluster.Scraping;

/// <summary>
/// Rounds in one byte: asked is only whether a line was seen in this round or in the one before. Stamps come again after <see cref="Period"/> rounds, so
/// those of lines that were not seen for long are set to 0 before.
/// </summary>
internal static class RoundStamp
{
    public const int Period = byte.MaxValue;

    /// <summary>So often the old ones are set to 0.</summary>
    public const int SweepEvery = 100;

    public static byte Of(int round) => (byte)(1 + (round % Period));

    public static byte Before(int round) => Of(round + Period - 1);
}
