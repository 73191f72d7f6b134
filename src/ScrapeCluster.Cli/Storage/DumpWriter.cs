using System.Globalization;
using System.Text;
using ScrapeCluster.Exposition;
using ScrapeCluster.Model;

namespace ScrapeCluster.Cli.Storage;

/// <summary>Lines <c>{a="b", c="d"} 1.5 1795321588314</c>, gathered into large writes: the console's writer passes on every small one.</summary>
internal sealed class DumpWriter(TextWriter output, bool asBits)
{
    private const int FlushAtChars = 64 * 1024;

    private readonly StringBuilder _text = new();

    public void Write(Labels labels, List<long> timestampsMs, List<double> values)
    {
        var name = labels.ToString();
        for (var i = 0; i < timestampsMs.Count; i++)
        {
            _text.Append(name).Append(' ');
            AppendValue(values[i]);
            _text.Append(CultureInfo.InvariantCulture, $" {timestampsMs[i]}\n");
            if (_text.Length >= FlushAtChars)
            {
                Flush();
            }
        }
    }

    public void Flush()
    {
        foreach (var part in _text.GetChunks())
        {
            output.Write(part.Span);
        }

        _text.Clear();
    }

    /// <summary>As Go's <c>%g</c>: the text of labels <c>le</c> without the point that stands behind whole numbers there.</summary>
    private void AppendValue(double value)
    {
        if (asBits)
        {
            _text.Append(CultureInfo.InvariantCulture, $"{BitConverter.DoubleToInt64Bits(value):x16}");
            return;
        }

        Span<byte> bytes = stackalloc byte[OpenMetricsFloat.LongestText];
        ReadOnlySpan<byte> text = bytes[..OpenMetricsFloat.Format(value, bytes)];
        if (value == 0 && double.IsNegative(value))
        {
            _text.Append('-');
        }

        foreach (var character in text.EndsWith(".0"u8) ? text[..^2] : text)
        {
            _text.Append((char)character);
        }
    }
}
