using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ScrapeCluster.Configuration.Http;

/// <summary>
/// Access tokens of the client credentials grant (RFC 6749, section 4.4) or of a signed JWT (RFC 7523). A token is kept until shortly before it expires, or
/// until the file of the secret or key changes; one request at a time asks for a new one.
/// </summary>
internal sealed class OAuth2Tokens : IDisposable
{
    private static readonly TimeSpan RenewedBefore = TimeSpan.FromSeconds(10);

    private readonly OAuth2Config _config;
    private readonly ConfiguredHttpClient _client;
    private readonly Uri _url;
    private readonly TimeProvider _time;
    private readonly bool _signs;
    private readonly SemaphoreSlim _fetching = new(1);
    private volatile Token? _token;
    private bool _secretGoesInBody;

    private OAuth2Tokens(OAuth2Config config, ConfiguredHttpClient client, Uri url, TimeProvider time)
    {
        _config = config;
        _client = client;
        _url = url;
        _time = time;
        _signs = config.GrantType == JwtAssertion.GrantType;
    }

    private sealed record Token(string Authorization, string Secret, DateTimeOffset Expires);

    public static bool TryCreate(OAuth2Config config, TimeProvider time, [NotNullWhen(true)] out OAuth2Tokens? tokens, [NotNullWhen(false)] out string? fault)
    {
        tokens = null;
        if (!Uri.TryCreate(config.TokenUrl, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            fault = $"oauth2: token_url \"{UrlText.Redact(config.TokenUrl)}\" is not a URL of scheme http or https";
            return false;
        }

        var http = new HttpClientConfig { Tls = config.Tls, Proxy = config.Proxy };
        if (!ConfiguredHttpClient.TryCreate(http, new HttpTransportOptions { Time = time }, out var client, out fault))
        {
            fault = $"oauth2: {fault}";
            return false;
        }

        tokens = new OAuth2Tokens(config, client, url, time);
        return true;
    }

    /// <summary>The value of the Authorization header.</summary>
    public async ValueTask<string> AuthorizationAsync(CancellationToken cancellationToken)
    {
        var secret = await SecretAsync(cancellationToken);
        if (Valid(secret) is { } known)
        {
            return known;
        }

        await _fetching.WaitAsync(cancellationToken);
        try
        {
            return Valid(secret) ?? (_token = await FetchAsync(secret, cancellationToken)).Authorization;
        }
        finally
        {
            _fetching.Release();
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>What proves who we are: the client's secret or, for a JWT, its key.</summary>
    private async ValueTask<string> SecretAsync(CancellationToken cancellationToken)
    {
        var (inline, file, setting) = _signs
            ? (_config.ClientCertificateKey, _config.ClientCertificateKeyFile, "oauth2 client_certificate_key_file")
            : (_config.ClientSecret, _config.ClientSecretFile, "oauth2 client_secret_file");
        return file.Length > 0 ? await RequestCredentials.ReadAsync(file, setting, cancellationToken) : inline?.Reveal() ?? "";
    }

    private string? Valid(string secret) => _token is { } token && token.Secret == secret && _time.GetUtcNow() < token.Expires ? token.Authorization : null;

    private async Task<Token> FetchAsync(string secret, CancellationToken cancellationToken)
    {
        var (status, body) = await AskAsync(secret, cancellationToken);
        if (!_signs && !_secretGoesInBody && status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError)
        {
            // RFC 6749, section 2.3.1: servers take the secret in the header, and some of them in the body only.
            _secretGoesInBody = true;
            (status, body) = await AskAsync(secret, cancellationToken);
            _secretGoesInBody = status == HttpStatusCode.OK;
        }

        var answer = OAuth2Answer.Read(body);
        if (status != HttpStatusCode.OK || answer.AccessToken.Length == 0)
        {
            throw new HttpRequestException($"oauth2: cannot fetch token: token_url {UrlText.Redact(_config.TokenUrl)} answered {(int)status}{answer.Reason}");
        }

        var expires = answer.ExpiresIn > TimeSpan.Zero ? _time.GetUtcNow() + answer.ExpiresIn - RenewedBefore : DateTimeOffset.MaxValue;
        return new Token($"{answer.TokenType} {answer.AccessToken}", secret, expires);
    }

    private async Task<(HttpStatusCode Status, string Body)> AskAsync(string secret, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new FormUrlEncodedContent(Form(secret)) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (!_signs && !_secretGoesInBody)
        {
            var pair = $"{WebUtility.UrlEncode(_config.ClientId)}:{WebUtility.UrlEncode(secret)}";
            request.Headers.TryAddWithoutValidation("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}");
        }

        try
        {
            using var response = await _client.SendAsync(request, cancellationToken);
            return (response.StatusCode, await OAuth2Answer.BodyAsync(response, cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new HttpRequestException($"oauth2: cannot fetch token: {HttpFaultText.Describe(e, _url, timedOut: false, "Post")}");
        }
    }

    private IEnumerable<KeyValuePair<string, string>> Form(string secret)
    {
        if (_signs)
        {
            yield return new("grant_type", JwtAssertion.GrantType);
            yield return new("assertion", JwtAssertion.TrySign(_config, secret, _time.GetUtcNow(), out var assertion, out var fault) ? assertion : throw new HttpRequestException(fault));
        }
        else
        {
            yield return new("grant_type", "client_credentials");
        }

        if (!_signs && _config.Scopes.Count > 0)
        {
            yield return new("scope", string.Join(' ', _config.Scopes));
        }

        foreach (var parameter in _config.EndpointParams)
        {
            foreach (var value in parameter.Values)
            {
                yield return new(parameter.Name, value);
            }
        }

        if (_secretGoesInBody)
        {
            yield return new("client_id", _config.ClientId);
            yield return new("client_secret", secret);
        }
    }
}
