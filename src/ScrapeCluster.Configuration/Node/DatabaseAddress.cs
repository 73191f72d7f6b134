using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace ScrapeCluster.Configuration.Node;

/// <summary>
/// Where the cluster's PostgreSQL is: a connection string of Npgsql (<c>Host=db;Username=u;Password=p;Database=d</c>) or a URL
/// (<c>postgres://u:p@db:5432/d?sslmode=require</c>, https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS). It prints itself
/// without the password.
/// </summary>
public sealed class DatabaseAddress : IEquatable<DatabaseAddress>
{
    public const string Form = "empty, a connection string such as Host=db;Username=scrapecluster;Database=scrapecluster, or a URL such as postgres://scrapecluster@db:5432/scrapecluster";

    private static readonly string[] Schemes = ["postgres://", "postgresql://"];
    private static readonly string[] SecretWords = ["password", "pwd", "psw", "passphrase"];

    private readonly DbConnectionStringBuilder _parts;

    private DatabaseAddress(DbConnectionStringBuilder parts)
    {
        _parts = parts;
    }

    /// <summary>For Npgsql, with the password.</summary>
    public string ConnectionString => _parts.ConnectionString;

    public static bool TryParse(string text, [NotNullWhen(true)] out DatabaseAddress? address)
    {
        var parts = new DbConnectionStringBuilder();
        var isRead = Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)) ? TryReadUrl(text, parts) : TryReadPairs(text, parts);
        address = isRead ? new DatabaseAddress(parts) : null;
        return address is not null;
    }

    public bool Equals(DatabaseAddress? other) => other is not null && string.Equals(ConnectionString, other.ConnectionString, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as DatabaseAddress);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ConnectionString);

    public override string ToString()
    {
        var shown = new DbConnectionStringBuilder { ConnectionString = ConnectionString };
        foreach (var key in shown.Keys!.Cast<string>().Where(IsSecret).ToList())
        {
            shown[key] = Secret.Mask;
        }

        return shown.ConnectionString;
    }

    private static bool IsSecret(string key) => SecretWords.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static bool TryReadPairs(string text, DbConnectionStringBuilder parts)
    {
        try
        {
            // Pair by pair, so that two spellings of one address are equal.
            var written = new DbConnectionStringBuilder { ConnectionString = text };
            foreach (var key in written.Keys!.Cast<string>())
            {
                parts[key] = written[key];
            }

            return parts.ContainsKey("host") || parts.ContainsKey("server");
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool TryReadUrl(string text, DbConnectionStringBuilder parts)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return false;
        }

        parts["host"] = url.IdnHost;
        if (url.Port > 0)
        {
            parts["port"] = url.Port;
        }

        var user = url.UserInfo.Split(':', 2);
        Put(parts, "username", user[0]);
        Put(parts, "password", user.Length > 1 ? user[1] : "");
        Put(parts, "database", url.AbsolutePath.Trim('/'));
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = pair.Split('=', 2);
            if (name.Length != 2 || name[0].Length == 0)
            {
                return false;
            }

            Put(parts, NameInNpgsql(name[0]), name[1]);
        }

        return true;
    }

    private static void Put(DbConnectionStringBuilder parts, string name, string escaped)
    {
        if (escaped.Length > 0)
        {
            parts[name] = Uri.UnescapeDataString(escaped);
        }
    }

    /// <summary>libpq writes its parameters in one word; the ones that a URL commonly carries.</summary>
    private static string NameInNpgsql(string name) => name switch
    {
        "sslmode" => "ssl mode",
        "sslrootcert" => "root certificate",
        "sslcert" => "ssl certificate",
        "sslkey" => "ssl key",
        "options" => "options",
        "target_session_attrs" => "target session attributes",
        _ => name,
    };
}
