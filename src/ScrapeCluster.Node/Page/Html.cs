using System.Text.Encodings.Web;

namespace ScrapeCluster.Node.Page;

/// <summary>Text on its way into a page: everything that comes from a target, a label or a file goes through <see cref="Text"/>.</summary>
internal static class Html
{
    public static string Text(string value) => HtmlEncoder.Default.Encode(value);

    /// <summary>A link only for http and https; other addresses stay text, since a label may hold any scheme.</summary>
    public static string Link(string url) => Link(url, url);

    public static string Link(string url, string shown)
    {
        var isWeb = url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        return isWeb ? $"<a href=\"{Text(url)}\" rel=\"noreferrer\">{Text(shown)}</a>" : Text(shown);
    }
}
