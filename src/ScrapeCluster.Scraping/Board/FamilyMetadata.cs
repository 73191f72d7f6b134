using System.Text;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>Type, help and unit of one metric family of a target. Immutable, and shared between the targets of a pool that expose the same.</summary>
public sealed class FamilyMetadata
{
    private readonly byte[] _name;
    private readonly byte[] _exposedHelp;
    private MetricMetadata? _metadata;

    internal FamilyMetadata(byte[] name, MetricType type, byte[] exposedHelp, string help, string unit)
    {
        _name = name;
        _exposedHelp = exposedHelp;
        Type = type;
        Help = help;
        Unit = unit;
    }

    public string Name => Encoding.UTF8.GetString(_name);

    public MetricType Type { get; }

    public string Help { get; }

    public string Unit { get; }

    internal ReadOnlySpan<byte> NameBytes => _name;

    /// <summary>As it goes to the storage; one instance for all series of the family.</summary>
    internal MetricMetadata Metadata => _metadata ??= new MetricMetadata(Type, Help, Unit);

    /// <summary>The help as exposed, escapes and all: compared at every scrape without decoding.</summary>
    internal ReadOnlySpan<byte> ExposedHelp => _exposedHelp;

    internal int SizeBytes => _name.Length + _exposedHelp.Length + (2 * (Help.Length + Unit.Length));

    internal FamilyMetadata With(MetricType type) => new(_name, type, _exposedHelp, Help, Unit);

    internal FamilyMetadata With(byte[] exposedHelp, string help) => new(_name, Type, exposedHelp, help, Unit);

    internal FamilyMetadata With(string unit) => new(_name, Type, _exposedHelp, Help, unit);
}

/// <summary>The families that one target exposes.</summary>
public sealed record TargetMetadata(TargetSnapshot Target, IReadOnlyList<FamilyMetadata> Families);
