using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace ScrapeCluster.Model;

/// <summary>
/// Makes a target of what discovery found and what the job says (behaviour: Prometheus scrape/target.go, PopulateLabels).
/// Pure; the builder is scratch space.
/// </summary>
public static class TargetBuilder
{
    public static TargetOutcome Build(TargetTemplate template, Labels groupLabels, Labels targetLabels, LabelsBuilder scratch)
    {
        var discovered = Discover(template, groupLabels, targetLabels, scratch);
        if (!RelabelRules.Apply(template.RelabelRules, scratch))
        {
            return new TargetOutcome.Dropped(discovered);
        }

        return Check(scratch, out var interval, out var timeout, out var flags) is { } fault
            ? new TargetOutcome.Invalid(fault, discovered)
            : new TargetOutcome.Active(Finish(template, discovered, scratch, interval, timeout, flags));
    }

    /// <summary>Every target of a group, in order.</summary>
    public static IEnumerable<TargetOutcome> BuildGroup(TargetTemplate template, TargetGroup group)
    {
        var scratch = new LabelsBuilder();
        foreach (var labels in group.Targets)
        {
            yield return Build(template, group.Labels, labels, scratch);
        }
    }

    private readonly record struct Flags(bool ToNhcb, bool AlwaysClassic, bool Native);

    private static Labels Discover(TargetTemplate template, Labels groupLabels, Labels targetLabels, LabelsBuilder labels)
    {
        labels.Reset(targetLabels);
        foreach (var label in groupLabels)
        {
            if (labels.IndexOf(label.Name) < 0)
            {
                labels.Add(label.Name, label.Value);
            }
        }

        Default(labels, TargetLabels.Job, template.JobName);
        Default(labels, TargetLabels.ScrapeInterval, template.ScrapeInterval);
        Default(labels, TargetLabels.ScrapeTimeout, template.ScrapeTimeout);
        Default(labels, TargetLabels.MetricsPath, template.MetricsPath);
        Default(labels, TargetLabels.Scheme, template.Scheme);
        Default(labels, TargetLabels.ConvertClassicHistogramsToNhcb, Text(template.ConvertClassicHistogramsToNhcb));
        Default(labels, TargetLabels.AlwaysScrapeClassicHistograms, Text(template.AlwaysScrapeClassicHistograms));
        Default(labels, TargetLabels.ScrapeNativeHistograms, Text(template.ScrapeNativeHistograms));

        // The job's parameters win over labels of the same name; relabelling may still change them.
        foreach (var (name, values) in template.Params)
        {
            if (values.Count > 0)
            {
                labels.Set(TargetLabels.ParamPrefix + name, values[0]);
            }
        }

        return labels.ToLabels();
    }

    private static void Default(LabelsBuilder labels, string name, string value)
    {
        if (labels.Get(name).Length == 0)
        {
            labels.Set(name, value);
        }
    }

    private static string Text(bool value) => value ? "true" : "false";

    private static string? Check(LabelsBuilder labels, out TimeSpan interval, out TimeSpan timeout, out Flags flags)
    {
        timeout = TimeSpan.Zero;
        flags = default;
        var address = labels.Get(TargetLabels.Address);
        var fault = address.Length == 0 ? "no address"
            : address.Contains('/', StringComparison.Ordinal) ? $"{LabelText.Quote(address)} is not a valid hostname"
            : FaultOfUser(address);
        interval = TimeSpan.Zero;
        fault ??= Duration(labels, TargetLabels.ScrapeInterval, "scrape interval", out interval);
        fault ??= Duration(labels, TargetLabels.ScrapeTimeout, "scrape timeout", out timeout);
        if (fault is null && timeout > interval)
        {
            fault = $"scrape timeout cannot be greater than scrape interval (\"{labels.Get(TargetLabels.ScrapeTimeout)}\" > \"{labels.Get(TargetLabels.ScrapeInterval)}\")";
        }

        var (toNhcb, alwaysClassic, native) = (false, false, false);
        fault ??= Bool(labels, TargetLabels.ConvertClassicHistogramsToNhcb, out toNhcb);
        fault ??= Bool(labels, TargetLabels.AlwaysScrapeClassicHistograms, out alwaysClassic);
        fault ??= Bool(labels, TargetLabels.ScrapeNativeHistograms, out native);
        flags = new Flags(toNhcb, alwaysClassic, native);
        return fault ?? InvalidText(labels);
    }

    /// <summary>Prometheus takes it, escapes the @ and fails every scrape, with the password in URL and instance.</summary>
    private static string? FaultOfUser(string address)
    {
        return address.LastIndexOf('@') is >= 0 and var at
            ? $"the address of host {LabelText.Quote(address[(at + 1)..])} has a user in front: credentials belong into basic_auth or authorization of the job"
            : null;
    }

    private static string? Duration(LabelsBuilder labels, string name, string what, out TimeSpan duration)
    {
        if (!PromDuration.TryParse(labels.Get(name), out duration, out var fault))
        {
            return $"error parsing {what}: {fault}";
        }

        return duration == TimeSpan.Zero ? $"{what} cannot be 0" : null;
    }

    /// <summary>The spellings that Go's strconv.ParseBool takes.</summary>
    private static string? Bool(LabelsBuilder labels, string name, out bool value)
    {
        var text = labels.Get(name);
        value = text is "1" or "t" or "T" or "true" or "TRUE" or "True";
        return value || text is "0" or "f" or "F" or "false" or "FALSE" or "False" ? null : $"error parsing {name}: {LabelText.Quote(text)} is not a boolean";
    }

    private static string? InvalidText(LabelsBuilder labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (!labels.NameAt(i).StartsWith("__meta_"u8) && !Utf8.IsValid(labels.ValueAt(i)))
            {
                return $"invalid label value for \"{Encoding.UTF8.GetString(labels.NameAt(i))}\": not UTF-8";
            }
        }

        return null;
    }

    private static ScrapeTarget Finish(TargetTemplate template, Labels discovered, LabelsBuilder labels, TimeSpan interval, TimeSpan timeout, Flags flags)
    {
        RemovePrefixed(labels, "__meta_"u8);
        Default(labels, TargetLabels.Instance, labels.Get(TargetLabels.Address));
        var all = labels.ToLabels();
        var url = Url(template, all);
        RemovePrefixed(labels, "__"u8);
        return new ScrapeTarget
        {
            Labels = labels.ToLabels(),
            AllLabels = all,
            DiscoveredLabels = discovered,
            Url = url,
            UnixSocket = all.Get(TargetLabels.UnixSocket),
            Interval = interval,
            Timeout = timeout,
            Hash = Hash(all, url),
            ConvertClassicHistogramsToNhcb = flags.ToNhcb,
            AlwaysScrapeClassicHistograms = flags.AlwaysClassic,
            ScrapeNativeHistograms = flags.Native,
        };
    }

    private static void RemovePrefixed(LabelsBuilder labels, ReadOnlySpan<byte> prefix)
    {
        for (var i = labels.Count - 1; i >= 0; i--)
        {
            if (labels.NameAt(i).StartsWith(prefix))
            {
                labels.RemoveAt(i);
            }
        }
    }

    private static string Url(TargetTemplate template, Labels labels)
    {
        var query = template.Params.Where(param => param.Value.Count > 0).ToDictionary(StringComparer.Ordinal);
        foreach (var label in labels)
        {
            if (label.Name.StartsWith("__param_"u8))
            {
                var name = Encoding.UTF8.GetString(label.Name[TargetLabels.ParamPrefix.Length..]);
                var further = query.TryGetValue(name, out var values) ? values.Skip(1) : [];
                query[name] = [Encoding.UTF8.GetString(label.Value), .. further];
            }
        }

        // A target behind a socket still needs some host in its URL.
        var address = labels.Get(TargetLabels.Address) ?? (labels.Has("__unix_socket__"u8) ? "localhost" : "");
        return TargetUrl.Write(labels.Get(TargetLabels.Scheme) ?? "", address, labels.Get(TargetLabels.MetricsPath) ?? "", [.. query]);
    }

    /// <summary>FNV-1a-64 over the labels' hash in decimal, padded to 16 digits, and the URL (Prometheus scrape/target.go, hash).</summary>
    internal static ulong Hash(Labels labels, string url)
    {
        var hash = Fnv1a64.Hash(Encoding.UTF8.GetBytes(labels.Hash().ToString("D16", CultureInfo.InvariantCulture)));
        return Fnv1a64.Hash(Encoding.UTF8.GetBytes(url), hash);
    }
}
