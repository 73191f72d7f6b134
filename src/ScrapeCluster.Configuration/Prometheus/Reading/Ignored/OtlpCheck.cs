namespace ScrapeCluster.Configuration;

/// <summary>Checks <c>otlp</c>.</summary>
internal static class OtlpCheck
{
    private static readonly string[] Strategies =
    [
        "UnderscoreEscapingWithSuffixes", "UnderscoreEscapingWithoutSuffixes", "NoUTF8EscapingWithSuffixes", "NoTranslation",
    ];

    public static void Check(YamlValue value)
    {
        if (value.AsSection() is not { } section)
        {
            return;
        }

        var promoteAll = section.Bool("promote_all_resource_attributes");
        var promoted = CheckAttributes(section, "promote_resource_attributes");
        var ignored = CheckAttributes(section, "ignore_resource_attributes");
        if (promoteAll && promoted)
        {
            section.FaultAt("promote_resource_attributes", "'promote_all_resource_attributes' and 'promote_resource_attributes' cannot be configured simultaneously");
        }

        if (!promoteAll && ignored)
        {
            section.FaultAt("ignore_resource_attributes", "'ignore_resource_attributes' cannot be configured unless 'promote_all_resource_attributes' is true");
        }

        if (section.String("translation_strategy") is { Length: > 0 } strategy && !Strategies.Contains(strategy))
        {
            section.FaultAt("translation_strategy", $"unsupported OTLP translation strategy \"{strategy}\", must be one of {string.Join(", ", Strategies)}");
        }

        section.Bool("keep_identifying_resource_attributes");
        section.Bool("convert_histograms_to_nhcb");
        section.Bool("promote_scope_metadata");
        section.Bool("label_name_underscore_sanitization");
        section.Bool("label_name_preserve_multiple_underscores");
        section.Finish();
    }

    private static bool CheckAttributes(Section section, string key)
    {
        var attributes = section.List(key);
        foreach (var attribute in attributes)
        {
            if (attribute.AsString().Trim().Length == 0)
            {
                attribute.Fault($"'{key}' must not contain an empty name");
            }
        }

        return attributes.Count > 0;
    }
}
