namespace ScrapeCluster.Exposition;

/// <summary>
/// A media type with parameters (RFC 9110, 8.3.1; RFC 2045, 5.1), as strictly as Go's mime.ParseMediaType reads it, since what that refuses
/// decides whether a scrape fails: one slash at most, tokens only, each parameter <c>name=token-or-quoted-string</c>, no name twice.
/// </summary>
internal static class MediaType
{
    private const string TokenPunctuation = "!#$%&'*+-.^_`|~";

    public static bool TryParse(string text, out string mediaType, out string? fault)
    {
        var end = text.IndexOf(';');
        mediaType = (end < 0 ? text : text[..end]).Trim().ToLowerInvariant();
        fault = CheckType(mediaType) ?? CheckParameters(end < 0 ? "" : text[end..]);
        return fault is null;
    }

    private static string? CheckType(string mediaType)
    {
        var slash = mediaType.IndexOf('/');
        var type = slash < 0 ? mediaType : mediaType[..slash];
        if (TokenLength(type, 0) == 0)
        {
            return "no media type";
        }

        if (TokenLength(type, 0) < type.Length)
        {
            return slash < 0 ? "unexpected content after media type" : "expected slash after first token";
        }

        if (slash < 0)
        {
            return null;
        }

        var subtypeLength = TokenLength(mediaType, slash + 1);
        return subtypeLength == 0 ? "expected token after slash"
            : slash + 1 + subtypeLength < mediaType.Length ? "unexpected content after media subtype"
            : null;
    }

    private static string? CheckParameters(string text)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var at = 0;
        while ((at = SkipBlanks(text, at)) < text.Length)
        {
            var start = SkipBlanks(text, at + 1);
            if (text[at] == ';' && start == text.Length)
            {
                // A last semicolon with nothing behind it is common.
                return null;
            }

            var length = TokenLength(text, start);
            var equals = SkipBlanks(text, start + length);
            if (text[at] != ';' || length == 0 || equals >= text.Length || text[equals] != '=')
            {
                return "invalid media parameter";
            }

            var value = SkipBlanks(text, equals + 1);
            var valueLength = value < text.Length && text[value] == '"' ? QuotedLength(text, value) : TokenLength(text, value);
            if (valueLength == 0)
            {
                return "invalid media parameter";
            }

            if (!names.Add(text.Substring(start, length)))
            {
                return "duplicate parameter name";
            }

            at = value + valueLength;
        }

        return null;
    }

    private static int SkipBlanks(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int TokenLength(string text, int start)
    {
        var at = start;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || TokenPunctuation.Contains(text[at])))
        {
            at++;
        }

        return at - start;
    }

    private static int QuotedLength(string text, int start)
    {
        for (var at = start + 1; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                return at + 1 - start;
            }

            if (text[at] is '\r' or '\n')
            {
                return 0;
            }

            at += text[at] == '\\' ? 1 : 0;
        }

        return 0;
    }
}
