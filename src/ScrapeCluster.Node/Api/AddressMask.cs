using ScrapeCluster.Model;

namespace ScrapeCluster.Node.Api;

/// <summary>
/// Addresses as answers show them. Discovery may put a user and password in front of a host; such a target is refused, but it is
/// still listed, and its password must not be.
/// </summary>
internal static class AddressMask
{
    /// <summary>True when the text holds a password; <paramref name="masked"/> is the text with Go's <c>xxxxx</c> in its place.</summary>
    public static bool TryMask(ReadOnlySpan<byte> address, out byte[] masked)
    {
        masked = [];
        var at = address.LastIndexOf((byte)'@');
        if (at <= 0)
        {
            return false;
        }

        var scheme = address[..at].IndexOf("://"u8);
        var user = scheme < 0 ? 0 : scheme + "://"u8.Length;
        var colon = address[user..at].IndexOf((byte)':');
        if (colon < 0)
        {
            return false;
        }

        masked = [.. address[..(user + colon + 1)], .. "xxxxx"u8, .. address[at..]];
        return true;
    }

    /// <summary>The labels of a discovered target as they may be shown.</summary>
    public static Labels Shown(Labels labels)
    {
        if (!labels.TryGet("__address__"u8, out var address) || !TryMask(address, out var masked))
        {
            return labels;
        }

        var shown = new LabelsBuilder();
        shown.Reset(labels);
        shown.Set("__address__"u8, masked);
        return shown.ToLabels();
    }
}
