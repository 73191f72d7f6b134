using ScrapeCluster.Model;

namespace ScrapeCluster.Configuration;

/// <summary>Reads <c>metric_name_validation_scheme</c> and <c>metric_name_escaping_scheme</c>, and checks that they agree.</summary>
internal static class NameSchemes
{
    public static LabelNameRule? ReadValidation(Section section)
    {
        if (section.Find("metric_name_validation_scheme") is not { } value)
        {
            return null;
        }

        switch (value.AsString())
        {
            case "":
                return null;
            case "utf8":
                return LabelNameRule.Utf8;
            case "legacy":
                return LabelNameRule.Legacy;
            case var other:
                value.Fault($"unrecognized ValidationScheme: \"{other}\", must be one of utf8, legacy");
                return null;
        }
    }

    public static NameEscapingScheme? ReadEscaping(Section section)
    {
        if (section.Find("metric_name_escaping_scheme") is not { } value)
        {
            return null;
        }

        switch (value.AsString())
        {
            case "":
                return null;
            case "allow-utf-8":
                return NameEscapingScheme.AllowUtf8;
            case "underscores":
                return NameEscapingScheme.Underscores;
            case "dots":
                return NameEscapingScheme.Dots;
            case "values":
                return NameEscapingScheme.Values;
            case var other:
                value.Fault($"unknown name escaping method, must be one of 'allow-utf-8', 'underscores', 'dots', or 'values', got \"{other}\"");
                return null;
        }
    }

    public static NameEscapingScheme DefaultEscaping(LabelNameRule validation)
    {
        return validation == LabelNameRule.Legacy ? NameEscapingScheme.Underscores : NameEscapingScheme.AllowUtf8;
    }

    public static void CheckAgreement(Section section, LabelNameRule validation, NameEscapingScheme? escaping)
    {
        if (escaping == NameEscapingScheme.AllowUtf8 && validation == LabelNameRule.Legacy)
        {
            section.FaultAt("metric_name_escaping_scheme", "utf8 metric names requested but validation scheme is not set to UTF8");
        }
    }
}
