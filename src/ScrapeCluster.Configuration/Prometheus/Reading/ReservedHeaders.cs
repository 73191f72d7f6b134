namespace ScrapeCluster.Configuration;

/// <summary>Reads <c>headers</c> of a receiver and refuses those that the protocol or the authentication settings own.</summary>
internal static class ReservedHeaders
{
    private const string UseAuthSettings =
        "authorization header must be changed via the basic_auth, authorization, oauth2, sigv4, azuread or google_iam parameter";

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "host", "content-encoding", "content-length", "content-type", "user-agent", "connection", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "www-authenticate", "accept-encoding", "x-prometheus-remote-write-version", "x-prometheus-remote-read-version",
        "x-amz-date", "x-amz-security-token", "x-amz-content-sha256",
    };

    public static ValueList<RemoteWriteHeader> Read(Section section, string authorizationFault = UseAuthSettings)
    {
        var headers = new List<RemoteWriteHeader>();
        foreach (var (key, value) in section.Map("headers"))
        {
            var name = key.AsString();
            if (string.Equals(name, "authorization", StringComparison.OrdinalIgnoreCase))
            {
                value.Fault(authorizationFault);
            }
            else if (Reserved.Contains(name))
            {
                value.Fault($"{name} is a reserved header. It must not be changed");
            }

            headers.Add(new(name, value.AsString()));
        }

        return headers.ToValueList();
    }
}
