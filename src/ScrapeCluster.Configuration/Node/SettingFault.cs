namespace ScrapeCluster.Configuration.Node;

/// <summary>One value of the node's own settings that cannot be used.</summary>
/// <param name="Key">The HOCON key, or the flag that set it.</param>
/// <param name="Value">The present value; null when there is none.</param>
/// <param name="Allowed">What the value may be.</param>
public sealed record SettingFault(string Key, string? Value, string Allowed)
{
    public override string ToString() => Value is null
        ? $"{Key}: has no value; it must be {Allowed}"
        : $"{Key}: present value \"{Value}\" is not allowed; it must be {Allowed}";
}
