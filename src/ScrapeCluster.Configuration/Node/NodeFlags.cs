using System.Globalization;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// A command line in Prometheus's flag syntax: <c>--x=y</c>, <c>--x y</c>, <c>--x</c>, <c>--no-x</c>, <c>--x=false</c>. All faults are found before any
/// is reported.
/// </summary>
public sealed class NodeFlags
{
    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FlagValue> _settings = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _warnings = [];
    private readonly List<string> _faults = [];

    private NodeFlags()
    {
    }

    /// <summary>Every flag given, without dashes, with its text, which may hold a password.</summary>
    public IReadOnlyDictionary<string, string> Given => _given;

    /// <summary>The HOCON keys that flags set.</summary>
    public IReadOnlyDictionary<string, FlagValue> Settings => _settings;

    /// <summary>One line for each flag of Prometheus that is not the node's own, with what it does here.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public IReadOnlyList<string> Faults => _faults;

    public bool IsHelp => _given.GetValueOrDefault("help") == "true";

    public bool IsVersion => _given.GetValueOrDefault("version") == "true";

    /// <summary>The HOCON file of <c>--node.config</c>.</summary>
    public string? NodeConfigFile => _given.GetValueOrDefault("node.config");

    public static NodeFlags Parse(IReadOnlyList<string> args)
    {
        var flags = new NodeFlags();
        for (var index = 0; index < args.Count; index++)
        {
            index += flags.Take(args[index], index + 1 < args.Count ? args[index + 1] : null);
        }

        return flags;
    }

    /// <summary>Reads one flag; tells how many of the following arguments it took.</summary>
    private int Take(string arg, string? next)
    {
        if (arg == "-h")
        {
            _given["help"] = "true";
            return 0;
        }

        if (!arg.StartsWith("--", StringComparison.Ordinal) || arg.Length == 2)
        {
            _faults.Add($"\"{arg}\" is not a flag; flags start with -- and there are no other arguments (see --help)");
            return 0;
        }

        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? arg[2..] : arg[2..equals];
        var value = equals < 0 ? null : arg[(equals + 1)..];
        if (KnownFlags.ByName.TryGetValue(name, out var flag))
        {
            return flag.Kind == FlagKind.Switch ? TakeSwitch(flag, value ?? "true") : TakeValue(flag, value, next);
        }

        if (value is null && name.StartsWith("no-", StringComparison.Ordinal)
            && KnownFlags.ByName.TryGetValue(name[3..], out flag) && flag.Kind == FlagKind.Switch)
        {
            return TakeSwitch(flag, "false");
        }

        _faults.Add($"--{name} is not a known flag; the nearest is --{NearestName.Of(name, KnownFlags.ByName.Keys)}");
        return value is null && next is not null && !next.StartsWith('-') ? 1 : 0;
    }

    private int TakeSwitch(KnownFlag flag, string value)
    {
        if (value is "true" or "false")
        {
            Accept(flag, value, flag.SettingOf(value));
        }
        else
        {
            _faults.Add($"--{flag.Name}: the present value \"{value}\" is not allowed; it must be true, false or absent");
        }

        return 0;
    }

    private int TakeValue(KnownFlag flag, string? value, string? next)
    {
        var taken = 0;
        if (value is null)
        {
            if (next is null || next.StartsWith("--", StringComparison.Ordinal))
            {
                _faults.Add($"--{flag.Name} has no value; write --{flag.Name}=VALUE");
                return 0;
            }

            value = next;
            taken = 1;
        }

        if (TryConvert(flag, value, out var setting, out var form))
        {
            Accept(flag, value, setting);
        }
        else
        {
            _faults.Add($"--{flag.Name}: the present value \"{value}\" is not allowed; it must be {form}");
        }

        return taken;
    }

    private void Accept(KnownFlag flag, string value, string setting)
    {
        if (_given.TryGetValue(flag.Name, out var before))
        {
            if (flag.MayRepeat)
            {
                _given[flag.Name] = $"{before},{value}";
                NoteFeatures(flag, value);
            }
            else
            {
                _faults.Add($"--{flag.Name} is given more than once (\"{flag.Shown(before)}\" and \"{flag.Shown(value)}\"); give it once");
            }

            return;
        }

        _given[flag.Name] = value;
        NoteFeatures(flag, value);
        if (flag.Note is not null)
        {
            _warnings.Add($"--{flag.Name} {flag.Note}");
        }

        if (flag.Key is not null)
        {
            Set(flag.Key, new FlagValue($"--{flag.Name}", setting));
        }
    }

    private void NoteFeatures(KnownFlag flag, string value)
    {
        if (flag.Name != KnownFlags.EnableFeature)
        {
            return;
        }

        foreach (var feature in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (KnownFlags.Features.TryGetValue(feature, out var setting))
            {
                Set(setting.Key, new FlagValue($"--{flag.Name}={feature}", setting.Value));
            }
        }
    }

    private void Set(string key, FlagValue setting)
    {
        if (_settings.TryGetValue(key, out var other) && other.Value != setting.Value)
        {
            _faults.Add($"{other.Flag}={other.Value} and {setting.Flag}={setting.Value} both set {key}; give one of them");
            return;
        }

        _settings[key] = setting;
    }

    private static bool TryConvert(KnownFlag flag, string value, out string setting, out string form)
    {
        setting = value;
        form = "";
        switch (flag.Kind)
        {
            case FlagKind.Duration:
                form = "a duration with units, such as 30s, 5m, 15d or 1h30m";
                return (value == "0" || !value.AsSpan().ContainsAnyInRange('\0', '/') && char.IsAsciiLetter(value.LastOrDefault()))
                    && DurationText.TryParse(value, out _);
            case FlagKind.Size:
                form = SizeText.FlagForm;
                var isSize = SizeText.TryParseFlag(value, out var bytes);
                setting = bytes.ToString(CultureInfo.InvariantCulture);
                return isSize;
            default:
                return true;
        }
    }
}

/// <summary>A value that a flag gives to a key.</summary>
public readonly record struct FlagValue(string Flag, string Value);
