using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// What a request that changes the cluster must show: <c>Authorization: Bearer TOKEN</c>. The token is a text of its own, or derived from the cluster's secret,
/// so that whoever may read that file needs no second one. A token tells nothing about the secret.
/// </summary>
public sealed class AdminToken
{
    private const string Scheme = "Bearer ";
    private static readonly byte[] Purpose = "scrapecluster admin v1"u8.ToArray();

    private readonly byte[] _digest;

    private AdminToken(string text)
    {
        Text = text;
        _digest = SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Never to be logged or shown.</summary>
    public string Text { get; }

    public static AdminToken Of(string text) => new(text);

    public static AdminToken FromSecret(ReadOnlySpan<byte> secret) => new(Convert.ToHexStringLower(HMACSHA256.HashData(secret, Purpose)));

    /// <summary>The first line of a file, without blanks around it: a token, or the cluster's secret to derive one from.</summary>
    public static bool TryReadFile(string path, bool isSecret, [NotNullWhen(true)] out AdminToken? token, [NotNullWhen(false)] out string? fault)
    {
        token = null;
        fault = null;
        try
        {
            var text = File.ReadAllText(path).Trim();
            if (text.Length == 0)
            {
                fault = $"{path} is empty: it must hold {(isSecret ? "the cluster's secret" : "the admin token")}";
                return false;
            }

            token = isSecret ? FromSecret(Encoding.UTF8.GetBytes(text)) : Of(text);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"{path} cannot be read: {e.Message}";
            return false;
        }
    }

    /// <summary>Takes the same time whatever is wrong with it.</summary>
    public bool IsShownBy(string? authorization)
    {
        var shown = authorization is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : "";
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), _digest);
    }

    public override string ToString() => "<secret>";
}
