using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// Reads typed values and gathers every fault instead of stopping at the first. It remembers which keys were asked for: that list and the keys of
/// <c>reference.conf</c> must be the same, and a key nobody asked for is a fault of its own.
/// </summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private readonly List<string> _keys = [];
    private readonly List<SettingFault> _faults = [];

    public IReadOnlyList<string> Keys => _keys;

    public IReadOnlyList<SettingFault> Faults => _faults;

    public string Text(string key) => Value(key) ?? "";

    public string RequiredText(string key)
    {
        var text = Text(key);
        if (text.Length == 0)
        {
            Fault(key, "a text that is not empty");
        }

        return text;
    }

    public bool Flag(string key) => Value(key) switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => Fault<bool>(key, "true or false"),
    };

    public int Count(string key, int least, int most)
    {
        return int.TryParse(Value(key), NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : Fault<int>(key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));
    }

    public TimeSpan Duration(string key, TimeSpan least, TimeSpan most)
    {
        return DurationText.TryParse(Value(key), out var duration) && duration >= least && duration <= most
            ? duration
            : Fault<TimeSpan>(key, $"{DurationText.Form}, from {DurationText.Format(least)} to {DurationText.Format(most)}");
    }

    public long Size(string key, long least, long most)
    {
        return SizeText.TryParse(Value(key), out var bytes) && bytes >= least && bytes <= most
            ? bytes
            : Fault<long>(key, string.Create(CultureInfo.InvariantCulture, $"{SizeText.Form}, from {least} to {most} bytes"));
    }

    public T Choice<T>(string key)
        where T : struct, Enum
    {
        var value = Value(key);
        foreach (var name in Enum.GetNames<T>())
        {
            if (string.Equals(name, value, StringComparison.OrdinalIgnoreCase))
            {
                return Enum.Parse<T>(name);
            }
        }

        return Fault<T>(key, "one of " + string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant())));
    }

    public ListenAddress Address(string key)
    {
        if (ListenAddress.TryParse(Text(key), out var address))
        {
            return address;
        }

        Fault(key, ListenAddress.Form);
        return new ListenAddress("", 0);
    }

    public Uri? OptionalUrl(string key)
    {
        var text = Text(key);
        if (text.Length == 0)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)
            ? url
            : Fault<Uri?>(key, "empty or an absolute http or https URL");
    }

    /// <summary>Null where none is set.</summary>
    public Secret? OptionalSecret(string key) => Text(key) is { Length: > 0 } text ? new Secret(text) : null;

    /// <summary>Null where none is set. What cannot be read is not repeated in the fault: it may hold a password.</summary>
    public DatabaseAddress? OptionalDatabase(string key)
    {
        var text = Text(key);
        if (text.Length == 0)
        {
            return null;
        }

        if (!DatabaseAddress.TryParse(text, out var address))
        {
            SecretFault(key, DatabaseAddress.Form);
        }

        return address;
    }

    public void SecretFault(string key, string allowed) => _faults.Add(new SettingFault(key, Secret.Mask, allowed));

    public void Fault(string key, string allowed) => _faults.Add(new SettingFault(key, configuration[Path(key)], allowed));

    private T? Fault<T>(string key, string allowed)
    {
        Fault(key, allowed);
        return default;
    }

    private string? Value(string key)
    {
        _keys.Add(key);
        return configuration[Path(key)];
    }

    private static string Path(string key) => key.Replace('.', ':');
}
