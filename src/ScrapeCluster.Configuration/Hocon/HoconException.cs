namespace ScrapeCluster.Configuration.Hocon;

/// <summary>A HOCON text that cannot be parsed, included or resolved. The message begins with file and line.</summary>
public sealed class HoconException(HoconOrigin origin, string fault) : FormatException($"{origin}: {fault}")
{
    public HoconOrigin Origin { get; } = origin;
}
