using Microsoft.Extensions.Configuration;

namespace ScrapeCluster.Configuration.Hocon;

public static class HoconConfigurationExtensions
{
    /// <summary>Adds files in order, later ones over earlier ones; substitutions see all of them together.</summary>
    public static IConfigurationBuilder AddHocon(this IConfigurationBuilder builder, params string[] paths) =>
        builder.AddHocon(() => HoconDocument.Merge([.. paths.Select(HoconDocument.Load)]));

    public static IConfigurationBuilder AddHocon(this IConfigurationBuilder builder, Func<HoconDocument> load, Func<string, string?>? environment = null) =>
        builder.Add(new HoconConfigurationSource(load, environment));
}
