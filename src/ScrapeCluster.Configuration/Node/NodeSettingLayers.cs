using Microsoft.Extensions.Configuration;
using ScrapeCluster.Configuration.Hocon;

namespace ScrapeCluster.Configuration.Node;

/// <summary>The layers of settings, and who set what.</summary>
internal sealed class NodeSettingLayers
{
    public const string ReferenceName = "reference.conf";

    private readonly HoconConfigurationProvider _files;
    private readonly Dictionary<string, string> _variables;
    private readonly NodeFlags _flags;

    private NodeSettingLayers(IConfigurationRoot configuration, Dictionary<string, string> variables, NodeFlags flags)
    {
        Configuration = configuration;
        _files = configuration.Providers.OfType<HoconConfigurationProvider>().Single();
        _variables = variables;
        _flags = flags;
    }

    public IConfigurationRoot Configuration { get; }

    /// <summary>On a fault of the HOCON file the layers are built without it, so that the other faults are found too.</summary>
    public static NodeSettingLayers Build(NodeFlags flags, Func<string, string?> environment, out string? fileFault)
    {
        fileFault = null;
        if (flags.NodeConfigFile is { } file)
        {
            try
            {
                return Build(flags, environment, () => HoconDocument.Merge(Reference(), HoconDocument.Load(file)));
            }
            catch (HoconException fault)
            {
                fileFault = $"--node.config: {fault.Message}";
            }
        }

        return Build(flags, environment, Reference);
    }

    public static HoconDocument Reference()
    {
        using var stream = typeof(NodeSettingLayers).Assembly.GetManifestResourceStream(ReferenceName)
            ?? throw new InvalidOperationException($"the assembly lacks its resource {ReferenceName}");
        using var reader = new StreamReader(stream);
        return HoconDocument.Parse(reader.ReadToEnd(), ReferenceName);
    }

    /// <summary>The variable that sets a key: <c>scrapecluster.web.listen-address</c> is <c>SCRAPECLUSTER_WEB_LISTEN_ADDRESS</c>.</summary>
    public static string VariableOf(string key) => key.Replace('.', '_').Replace('-', '_').ToUpperInvariant();

    /// <summary>The flag, variable or file and line that set the key; null for a default.</summary>
    public string? SourceOf(string key)
    {
        if (_flags.Settings.TryGetValue(key, out var flag))
        {
            return flag.Flag;
        }

        var path = key.Replace('.', ':');
        return _variables.ContainsKey(path)
            ? $"environment variable {VariableOf(key)}"
            : _files.TryGetOrigin(path, out var origin) && origin.Source != ReferenceName ? origin.ToString() : null;
    }

    private static NodeSettingLayers Build(NodeFlags flags, Func<string, string?> environment, Func<HoconDocument> files)
    {
        var variables = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var key in NodeSettings.Keys)
        {
            if (environment(VariableOf(key)) is { Length: > 0 } value)
            {
                variables[key.Replace('.', ':')] = value;
            }
        }

        var configuration = new ConfigurationBuilder()
            .AddHocon(files, environment)
            .AddInMemoryCollection(variables!)
            .AddInMemoryCollection(flags.Settings.Select(setting => KeyValuePair.Create(setting.Key.Replace('.', ':'), (string?)setting.Value.Value)))
            .Build();
        return new NodeSettingLayers(configuration, variables, flags);
    }
}
