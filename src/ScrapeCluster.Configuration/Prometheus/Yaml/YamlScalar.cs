using System.Globalization;
using System.Text;

namespace ScrapeCluster.Configuration;

/// <summary>
/// A scalar, and what the YAML 1.1 rules that Prometheus's reader follows make of it: only a plain, untagged scalar can be
/// null, a boolean or a number; read as a string, every scalar is its own text.
/// </summary>
internal sealed class YamlScalar : YamlNode
{
    private const string BinaryTag = "tag:yaml.org,2002:binary";
    private const string NullTag = "tag:yaml.org,2002:null";

    public YamlScalar(string text, string tag, bool isPlain, int line, int column)
        : base(line, column)
    {
        Text = text;
        IsPlain = isPlain && tag.Length == 0;
        IsNull = tag == NullTag || (IsPlain && text is "" or "~" or "null" or "Null" or "NULL");
        if (tag == BinaryTag)
        {
            DecodeBinary();
        }
    }

    /// <summary>The text; of a <c>!!binary</c> scalar its decoded bytes, with those that are not UTF-8 written <c>\xff</c>.</summary>
    public string Text { get; private set; }

    /// <summary>Neither quoted nor tagged.</summary>
    public bool IsPlain { get; }

    public bool IsNull { get; }

    /// <summary>False for <c>!!binary</c> whose bytes are not UTF-8.</summary>
    public bool IsUtf8 { get; private set; } = true;

    /// <summary>True for <c>!!binary</c> that is not base64.</summary>
    public bool IsBadBinary { get; private set; }

    public override long ExpandedSize => 1;

    public override string TagName => IsNull ? "!!null" : TryGetBool(out _) ? "!!bool" : TryGetInteger(out _) || TryGetUnsigned(out _) ? "!!int" : TryGetFloat(out _) ? "!!float" : "!!str";

    public bool TryGetBool(out bool value)
    {
        value = Text is "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON";
        return IsPlain && (value || Text is "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF");
    }

    public bool TryGetInteger(out long value)
    {
        var negative = Text.StartsWith('-');
        var fits = TryGetMagnitude(out var magnitude) && magnitude <= (negative ? 1UL << 63 : long.MaxValue);
        value = !fits ? 0 : negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return fits;
    }

    /// <summary>Whole numbers from 0 to 2^64 - 1.</summary>
    public bool TryGetUnsigned(out ulong value) => TryGetMagnitude(out value) && (value == 0 || !Text.StartsWith('-'));

    public bool TryGetFloat(out double value)
    {
        value = 0;
        if (!IsPlain || Text.Length == 0)
        {
            return false;
        }

        var special = Text.TrimStart('+', '-') switch
        {
            ".inf" or ".Inf" or ".INF" => double.PositiveInfinity,
            ".nan" or ".NaN" or ".NAN" => double.NaN,
            _ => 0,
        };
        if (special != 0)
        {
            value = Text[0] == '-' ? -special : special;
            return true;
        }

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return Text.AsSpan().IndexOfAnyInRange('0', '9') >= 0
            && double.TryParse(Text.Replace("_", "", StringComparison.Ordinal), Style, CultureInfo.InvariantCulture, out value);
    }

    private bool TryGetMagnitude(out ulong value)
    {
        value = 0;
        if (!IsPlain || Text.Length == 0)
        {
            return false;
        }

        var unsigned = Text[0] is '-' or '+' ? Text[1..] : Text;
        return TryGetMagnitude(unsigned.Replace("_", "", StringComparison.Ordinal), out value);
    }

    private static bool TryGetMagnitude(string digits, out ulong value)
    {
        value = 0;
        var (radix, start) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16u, 2),
            ['0', 'b' or 'B', ..] => (2u, 2),
            ['0', 'o' or 'O', ..] => (8u, 2),
            ['0', _, ..] => (8u, 1),
            _ => (10u, 0),
        };
        if (digits.Length == start)
        {
            return false;
        }

        foreach (var c in digits.AsSpan(start))
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToUInt32(c.ToString(), 16) : radix;
            if (digit >= radix || value > (ulong.MaxValue - digit) / radix)
            {
                return false;
            }

            value = (value * radix) + digit;
        }

        return true;
    }

    private void DecodeBinary()
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(Text);
        }
        catch (FormatException)
        {
            IsBadBinary = true;
            return;
        }

        Text = Describe(bytes, out var isUtf8);
        IsUtf8 = isUtf8;
    }

    private static string Describe(ReadOnlySpan<byte> bytes, out bool isUtf8)
    {
        isUtf8 = true;
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == System.Buffers.OperationStatus.Done)
            {
                text.Append(rune.ToString());
                bytes = bytes[length..];
                continue;
            }

            isUtf8 = false;
            text.Append("\\x").Append(bytes[0].ToString("x2", CultureInfo.InvariantCulture));
            bytes = bytes[1..];
        }

        return text.ToString();
    }
}
