namespace ScrapeCluster.Configuration;

/// <summary>A password, token or key. It never prints: <see cref="Reveal"/> is the one way to the text.</summary>
public sealed class Secret(string value) : IEquatable<Secret>
{
    /// <summary>What stands for a secret in every printed form.</summary>
    public const string Mask = "<secret>";

    private readonly string _value = value;

    public string Reveal() => _value;

    public bool Equals(Secret? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_value);

    public override string ToString() => Mask;
}
