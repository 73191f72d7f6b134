namespace ScrapeCluster.Configuration.Node;

/// <summary>One value of the node's own settings that cannot be used.</summary>
/// <param name="Key">The HOCON key.</param>
/// <param name="Value">The present value; null when there is none.</param>
/// <param name="Allowed">What the value may be.</param>
public sealed record SettingFault(string Key, string? Value, string Allowed)
{
    /// <summary>The flag, environment variable or file and line that set the value; null when unknown.</summary>
    public string? SetBy { get; init; }

    public override string ToString()
    {
        var name = SetBy is null ? Key : $"{Key} (set by {SetBy})";
        return Value is null ? $"{name}: has no value; it must be {Allowed}" : $"{name}: the present value \"{Value}\" is not allowed; it must be {Allowed}";
    }
}
