using System.Text;

namespace ScrapeCluster.Configuration.Http;

/// <summary>The Authorization header and the extra headers of a configuration. What stands in files is read again for every request.</summary>
internal sealed class RequestCredentials(HttpClientConfig config, OAuth2Tokens? tokens) : IDisposable
{
    /// <summary>Nothing comes from a file: what one request got, it keeps.</summary>
    public bool AreConstant { get; } =
        tokens is null
        && config.BasicAuth is null or { UsernameFile: "", PasswordFile: "" }
        && config.Authorization is null or { CredentialsFile: "" }
        && config.HttpHeaders.All(header => header.Files.Count == 0);

    public async ValueTask ApplyAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (await AuthorizationAsync(request.RequestUri!, cancellationToken) is { } authorization)
        {
            request.Headers.Remove("Authorization");
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        foreach (var header in config.HttpHeaders)
        {
            request.Headers.Remove(header.Name);
            request.Headers.TryAddWithoutValidation(header.Name, header.Values.Concat(header.Secrets.Select(secret => secret.Reveal())));
            foreach (var file in header.Files)
            {
                request.Headers.TryAddWithoutValidation(header.Name, await ReadAsync(file, $"http_headers of {header.Name}", cancellationToken));
            }
        }
    }

    /// <summary>Headers that must not follow a redirect to another host.</summary>
    public bool IsSensitive(string header)
    {
        return header.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
            || header.Equals("Cookie", StringComparison.OrdinalIgnoreCase)
            || header.Equals("Www-Authenticate", StringComparison.OrdinalIgnoreCase)
            || config.HttpHeaders.Any(extra => extra.Name.Equals(header, StringComparison.OrdinalIgnoreCase));
    }

    public void Dispose() => tokens?.Dispose();

    private async ValueTask<string?> AuthorizationAsync(Uri url, CancellationToken cancellationToken)
    {
        if (tokens is not null)
        {
            return await tokens.AuthorizationAsync(cancellationToken);
        }

        if (config.BasicAuth is { } basic)
        {
            var username = basic.UsernameFile.Length > 0 ? await ReadAsync(basic.UsernameFile, "basic_auth username_file", cancellationToken) : basic.Username;
            var password = basic.PasswordFile.Length > 0
                ? await ReadAsync(basic.PasswordFile, "basic_auth password_file", cancellationToken)
                : basic.Password?.Reveal() ?? "";
            return Basic($"{username}:{password}");
        }

        if (config.Authorization is not { } authorization)
        {
            // As Go's client does: user and password of the URL.
            return url.UserInfo.Length > 0 ? Basic(Uri.UnescapeDataString(url.UserInfo.Contains(':', StringComparison.Ordinal) ? url.UserInfo : $"{url.UserInfo}:")) : null;
        }

        var credentials = authorization.CredentialsFile.Length > 0
            ? await ReadAsync(authorization.CredentialsFile, "authorization credentials_file", cancellationToken)
            : authorization.Credentials?.Reveal() ?? "";
        return credentials.Length == 0 && authorization.CredentialsFile.Length == 0 ? null : $"{authorization.Type} {credentials}";
    }

    private static string Basic(string pair) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}";

    internal static async ValueTask<string> ReadAsync(string path, string setting, CancellationToken cancellationToken)
    {
        try
        {
            return (await File.ReadAllTextAsync(path, cancellationToken)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HttpRequestException($"unable to read {setting} {path}: {e.Message}");
        }
    }
}
