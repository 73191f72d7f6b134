using ScrapeCluster.Configuration.Node;
using ScrapeCluster.Configuration.Hocon;

namespace ScrapeCluster.Tests.Deployment;

/// <summary>What a deployment file gives to the node, checked against what the node knows.</summary>
internal static class NodeCommandLine
{
    public static void AssertFlagsAreKnown(IEnumerable<string> arguments)
    {
        Assert.All(arguments, argument =>
        {
            Assert.StartsWith("--", argument, StringComparison.Ordinal);
            var name = argument[2..].Split('=')[0];
            Assert.Contains(KnownFlags.Own, flag => flag.Name == name);
        });
    }

    /// <summary>Variables that begin like settings must be settings.</summary>
    public static void AssertVariablesAreKnown(IEnumerable<string> names)
    {
        var known = Keys("", NodeSettingLayers.Reference().Resolve(_ => null)).Select(key => key.Replace('.', '_').Replace('-', '_').ToUpperInvariant()).ToHashSet();
        Assert.All(names.Where(name => name.StartsWith("SCRAPECLUSTER_", StringComparison.Ordinal)), name => Assert.Contains(name, known));
    }

    /// <summary>The port of a listen address, as given by this flag or its default.</summary>
    public static int PortOf(IEnumerable<string> arguments, string flag, int otherwise)
    {
        var given = arguments.FirstOrDefault(argument => argument.StartsWith($"--{flag}=", StringComparison.Ordinal));
        return given is null ? otherwise : int.Parse(given[(given.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<string> Keys(string path, HoconValue value) => value is HoconObject parent
        ? parent.Fields.SelectMany(field => Keys(path.Length == 0 ? field.Key : $"{path}.{field.Key}", field.Value))
        : [path];
}
