using Microsoft.Extensions.Configuration;

namespace ScrapeCluster.Configuration.Hocon;

/// <summary>HOCON as a source of <c>Microsoft.Extensions.Configuration</c>: <c>a { b = 1 }</c> is the key <c>a:b</c>, array items are <c>a:0</c>, <c>a:1</c>.</summary>
/// <param name="load">Reads the documents; called again by each reload.</param>
/// <param name="environment">Answers substitutions that no key answers.</param>
public sealed class HoconConfigurationSource(Func<HoconDocument> load, Func<string, string?>? environment = null) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new HoconConfigurationProvider(load, environment);
}

public sealed class HoconConfigurationProvider(Func<HoconDocument> load, Func<string, string?>? environment) : ConfigurationProvider
{
    private Dictionary<string, HoconOrigin> _origins = [];

    /// <exception cref="HoconException">The text cannot be parsed or resolved; the values loaded before stay.</exception>
    public override void Load()
    {
        var root = load().Resolve(environment);
        var data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var origins = new Dictionary<string, HoconOrigin>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, field) in root.Fields)
        {
            Flatten(key, field, data, origins);
        }

        Data = data;
        _origins = origins;
    }

    /// <summary>File and line of a value.</summary>
    public bool TryGetOrigin(string key, out HoconOrigin origin) => _origins.TryGetValue(key, out origin);

    private static void Flatten(string key, HoconValue value, Dictionary<string, string?> data, Dictionary<string, HoconOrigin> origins)
    {
        origins[key] = value.Origin;
        switch (value)
        {
            case HoconObject { Fields.Count: > 0 } parent:
                foreach (var (name, field) in parent.Fields)
                {
                    Flatten(ConfigurationPath.Combine(key, name), field, data, origins);
                }

                break;
            case HoconArray { Items.Count: > 0 } array:
                for (var index = 0; index < array.Items.Count; index++)
                {
                    Flatten(ConfigurationPath.Combine(key, index.ToString(System.Globalization.CultureInfo.InvariantCulture)), array.Items[index], data, origins);
                }

                break;
            default:
                data[key] = value is HoconScalar { Kind: not HoconScalarKind.Null } scalar ? scalar.Text : null;
                break;
        }
    }
}
