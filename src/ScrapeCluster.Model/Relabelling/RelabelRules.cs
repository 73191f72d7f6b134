using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace ScrapeCluster.Model;

/// <summary>Runs rules over a label set in place (behaviour: Prometheus model/relabel/relabel.go).</summary>
public static class RelabelRules
{
    /// <summary>False when a rule drops the set; it is then left half-done.</summary>
    public static bool Apply(IReadOnlyList<RelabelRule> rules, LabelsBuilder labels)
    {
        // By index: the list is walked for every new series, an enumerator of an interface would be allocated each time.
        for (var i = 0; i < rules.Count; i++)
        {
            if (!Apply(rules[i], labels))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Apply(RelabelRule rule, LabelsBuilder labels)
    {
        switch (rule.Action)
        {
            case RelabelAction.LabelMap:
                MapLabels(rule, labels);
                return true;
            case RelabelAction.LabelDrop:
                RemoveLabels(rule, labels, matching: true);
                return true;
            case RelabelAction.LabelKeep:
                RemoveLabels(rule, labels, matching: false);
                return true;
            default:
                using (var sources = new ScratchBytes())
                {
                    JoinSources(rule, labels, sources);
                    return ApplyToSources(rule, labels, sources.Written);
                }
        }
    }

    private static void JoinSources(RelabelRule rule, LabelsBuilder labels, ScratchBytes destination)
    {
        for (var i = 0; i < rule.SourceLabels.Length; i++)
        {
            if (i > 0)
            {
                destination.Write(rule.Separator);
            }

            if (labels.TryGet(rule.SourceLabels[i], out var value))
            {
                destination.Write(value);
            }
        }
    }

    private static bool ApplyToSources(RelabelRule rule, LabelsBuilder labels, ReadOnlySpan<byte> value)
    {
        switch (rule.Action)
        {
            case RelabelAction.Keep:
                return rule.Regex.IsMatch(value);
            case RelabelAction.Drop:
                return !rule.Regex.IsMatch(value);
            case RelabelAction.KeepEqual:
                return EqualsTarget(rule, labels, value);
            case RelabelAction.DropEqual:
                return !EqualsTarget(rule, labels, value);
            case RelabelAction.HashMod:
                SetHash(rule, labels, value);
                return true;
            case RelabelAction.Lowercase:
                labels.Set(rule.TargetLabel, SimpleCase.Lower(value));
                return true;
            case RelabelAction.Uppercase:
                labels.Set(rule.TargetLabel, SimpleCase.Upper(value));
                return true;
            default:
                Replace(rule, labels, value);
                return true;
        }
    }

    private static bool EqualsTarget(RelabelRule rule, LabelsBuilder labels, ReadOnlySpan<byte> value)
    {
        return labels.TryGet(rule.TargetLabel, out var target) ? target.SequenceEqual(value) : value.IsEmpty;
    }

    /// <summary>The last eight bytes of MD5, big-endian, so that shards agree with Prometheus's; no secrecy is asked of it.</summary>
    private static void SetHash(RelabelRule rule, LabelsBuilder labels, ReadOnlySpan<byte> value)
    {
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
#pragma warning disable CA5351 // The algorithm is part of the rule's definition.
        MD5.HashData(value, digest);
#pragma warning restore CA5351
        var bucket = BinaryPrimitives.ReadUInt64BigEndian(digest[8..]) % rule.Config.Modulus;
        Span<byte> text = stackalloc byte[20];
        bucket.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        labels.Set(rule.TargetLabel, text[..length]);
    }

    private static void Replace(RelabelRule rule, LabelsBuilder labels, ReadOnlySpan<byte> value)
    {
        if (rule.Target.Constant is { } target && rule.Replacement.Constant is { } constant)
        {
            if (rule.Regex.IsMatch(value) && rule.Names.IsValid(target))
            {
                labels.Set(target, constant);
            }

            return;
        }

        using var expanded = new ScratchBytes();
        Span<int> groups = stackalloc int[2 * (rule.Regex.GroupCount + 1)];
        if (!rule.Regex.TryMatch(value, groups))
        {
            return;
        }

        rule.Target.Expand(value, groups, expanded);
        var nameLength = expanded.Written.Length;
        rule.Replacement.Expand(value, groups, expanded);
        var name = expanded.Written[..nameLength];
        if (rule.Names.IsValid(name))
        {
            labels.Set(name, expanded.Written[nameLength..]);
        }
    }

    private static void MapLabels(RelabelRule rule, LabelsBuilder labels)
    {
        Span<int> groups = stackalloc int[2 * (rule.Regex.GroupCount + 1)];
        // What the rule itself adds or changes is not mapped again.
        var before = labels.ToLabels();
        foreach (var label in before)
        {
            if (rule.Regex.TryMatch(label.Name, groups))
            {
                using var name = new ScratchBytes();
                rule.Replacement.Expand(label.Name, groups, name);
                labels.Set(name.Written, label.Value);
            }
        }
    }

    private static void RemoveLabels(RelabelRule rule, LabelsBuilder labels, bool matching)
    {
        for (var i = labels.Count - 1; i >= 0; i--)
        {
            if (rule.Regex.IsMatch(labels.NameAt(i)) == matching)
            {
                labels.RemoveAt(i);
            }
        }
    }
}
