using System.Text.Unicode;

namespace ScrapeCluster.Model;

/// <summary>Which label names are valid: any non-empty UTF-8 text (Prometheus 3), or <c>[a-zA-Z_][a-zA-Z0-9_]*</c> only.</summary>
public enum LabelNameRule
{
    Utf8,
    Legacy,
}

public static class LabelNames
{
    public static bool IsValid(this LabelNameRule rule, ReadOnlySpan<byte> name)
    {
        return rule == LabelNameRule.Legacy ? IsLegacy(name) : !name.IsEmpty && Utf8.IsValid(name);
    }

    private static bool IsLegacy(ReadOnlySpan<byte> name)
    {
        foreach (var b in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)b) && b != '_')
            {
                return false;
            }
        }

        return !name.IsEmpty && !char.IsAsciiDigit((char)name[0]);
    }
}
