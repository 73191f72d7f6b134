using System.Globalization;
using System.Text;
using System.Text.Unicode;
using ScrapeCluster.Model;

namespace ScrapeCluster.Scraping;

/// <summary>
/// The way of a line that the cache does not know: target labels, metric relabelling, then the checks that end a scrape. Runs once per
/// series, not per sample. Holds scratch space: one user at a time.
/// </summary>
internal sealed class SeriesGate(SampleRules rules)
{
    private const int LongestQuote = 50;

    /// <summary>The exposed labels go in here before <see cref="Pass"/>.</summary>
    public LabelsBuilder Exposed { get; } = new();

    /// <summary>
    /// The final labels of the line in <see cref="Exposed"/>; null when relabelling drops it, and when the scrape fails for it: then <paramref name="fault"/> says why.
    /// </summary>
    public Labels? Pass(Labels targetLabels, out GateFault? fault)
    {
        fault = null;
        if (rules.HonorLabels)
        {
            TargetLabelMerge.Honor(Exposed, targetLabels);
        }
        else
        {
            TargetLabelMerge.Export(Exposed, targetLabels);
        }

        RemoveEmpty();
        if (!RelabelRules.Apply(rules.RelabelRules, Exposed) || Exposed.Count == 0)
        {
            return null;
        }

        fault = CheckNames() ?? CheckLimits();
        if (fault is not null)
        {
            return null;
        }

        var labels = Exposed.ToLabels();
        return labels.IsEmpty ? null : labels;
    }

    private void RemoveEmpty()
    {
        for (var i = Exposed.Count - 1; i >= 0; i--)
        {
            if (Exposed.ValueAt(i).IsEmpty)
            {
                Exposed.RemoveAt(i);
            }
        }
    }

    private GateFault? CheckNames()
    {
        if (!Exposed.TryGet("__name__"u8, out var metric) || metric.IsEmpty)
        {
            return new GateFault("missing metric name (__name__ label)");
        }

        for (var i = 0; i < Exposed.Count; i++)
        {
            if (!IsValid(Exposed.NameAt(i), Exposed.ValueAt(i)))
            {
                return new GateFault($"invalid metric name or label names: {Exposed.ToLabels()}");
            }
        }

        if (!Exposed.HasDuplicateNames())
        {
            return null;
        }

        var twice = Enumerable.Range(1, Exposed.Count - 1).First(i => Exposed.NameAt(i).SequenceEqual(Exposed.NameAt(i - 1)));
        return new GateFault($"label name {LabelText.Quote(Text(Exposed.NameAt(twice)))} is not unique: invalid sample");
    }

    private bool IsValid(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!Utf8.IsValid(value) || !Utf8.IsValid(name) || name.IsEmpty)
        {
            return false;
        }

        return !rules.LegacyNamesOnly || (LabelText.IsLegacyName(Text(name)) && (!name.SequenceEqual("__name__"u8) || IsLegacyMetricName(Text(value))));
    }

    /// <summary>A legacy label name in which colons are allowed too.</summary>
    private static bool IsLegacyMetricName(string name) => LabelText.IsLegacyName(name.Replace(':', '_'));

    private GateFault? CheckLimits()
    {
        if (rules is { LabelLimit: 0, LabelNameLengthLimit: 0, LabelValueLengthLimit: 0 })
        {
            return null;
        }

        Exposed.TryGet("__name__"u8, out var metricBytes);
        var metric = Shorten(metricBytes);
        if (rules.LabelLimit > 0 && Exposed.Count > rules.LabelLimit)
        {
            return Limit($"label_limit exceeded (metric: {metric}, number of labels: {Exposed.Count}, limit: {rules.LabelLimit})");
        }

        for (var i = 0; i < Exposed.Count; i++)
        {
            var name = Exposed.NameAt(i);
            var value = Exposed.ValueAt(i);
            if (rules.LabelNameLengthLimit > 0 && name.Length > rules.LabelNameLengthLimit)
            {
                return Limit($"label_name_length_limit exceeded (metric: {metric}, label name: {Shorten(name)}, length: {name.Length}, limit: {rules.LabelNameLengthLimit})");
            }

            if (rules.LabelValueLengthLimit > 0 && value.Length > rules.LabelValueLengthLimit)
            {
                return Limit(
                    $"label_value_length_limit exceeded (metric: {metric}, label name: {Shorten(name)}, value: {LabelText.Quote(Shorten(value))}, " +
                    $"length: {value.Length}, limit: {rules.LabelValueLengthLimit})");
            }
        }

        return null;
    }

    private static GateFault Limit(string text) => new(text, IsLabelLimit: true);

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private static string Shorten(ReadOnlySpan<byte> bytes)
    {
        var text = Text(bytes);
        return text.Length <= LongestQuote ? text : new StringInfo(text) is var info && info.LengthInTextElements > LongestQuote
            ? info.SubstringByTextElements(0, LongestQuote)
            : text;
    }
}

/// <summary>Why one line fails the whole scrape.</summary>
internal sealed record GateFault(string Message, bool IsLabelLimit = false);
