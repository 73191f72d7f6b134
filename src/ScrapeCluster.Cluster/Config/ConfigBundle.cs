using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using ScrapeCluster.Cluster.Wire;

namespace ScrapeCluster.Cluster.Config;

/// <summary>
/// The texts of one configuration: a <c>prometheus.yml</c> and the files that its <c>scrape_config_files</c> name. Equal texts have equal bytes, whichever
/// node and directory they were read on.
/// </summary>
/// <param name="Patterns">In the order in which they were read.</param>
public sealed record ConfigBundle(byte[] Text, IReadOnlyList<ConfigPattern> Patterns)
{
    public const int MaxBytes = 16 * 1024 * 1024;

    public byte[] ToBytes()
    {
        var message = new ConfigMessage { Text = UnsafeByteOperations.UnsafeWrap(Text) };
        foreach (var pattern in Patterns)
        {
            var entry = new ConfigPatternMessage { Pattern = pattern.Pattern };
            entry.Files.AddRange(pattern.Files.Select(file => new ConfigFileMessage { Name = file.Name, Text = UnsafeByteOperations.UnsafeWrap(file.Text) }));
            message.Patterns.Add(entry);
        }

        return message.ToByteArray();
    }

    public static bool TryRead(byte[] bytes, [NotNullWhen(true)] out ConfigBundle? bundle, [NotNullWhen(false)] out string? fault)
    {
        try
        {
            var message = ConfigMessage.Parser.ParseFrom(bytes);
            bundle = new ConfigBundle(
                message.Text.ToByteArray(),
                [.. message.Patterns.Select(pattern => new ConfigPattern(
                    pattern.Pattern, [.. pattern.Files.Select(file => new ConfigText(file.Name, file.Text.ToByteArray()))]))]);
            fault = null;
            return true;
        }
        catch (InvalidProtocolBufferException e)
        {
            bundle = null;
            fault = $"its bytes are no configuration: {e.Message}";
            return false;
        }
    }
}

/// <param name="Pattern">As it is written in the configuration.</param>
/// <param name="Files">Sorted by name.</param>
public sealed record ConfigPattern(string Pattern, IReadOnlyList<ConfigText> Files);

/// <param name="Name">Without its directory, which is the pattern's.</param>
public sealed record ConfigText(string Name, byte[] Text);
