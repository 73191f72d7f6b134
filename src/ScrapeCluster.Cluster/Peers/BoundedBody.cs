namespace ScrapeCluster.Cluster.Peers;

/// <summary>Reads a body whole, whatever length it claims, up to a bound.</summary>
public static class BoundedBody
{
    private const int FirstBytes = 16 * 1024;

    /// <param name="claimedLength">What is allocated at once, within the bound; null when it is not known.</param>
    /// <returns>Null when the body is longer than the bound.</returns>
    public static async Task<byte[]?> ReadAsync(Stream source, long? claimedLength, int maxBytes, CancellationToken cancellation)
    {
        if (claimedLength > maxBytes)
        {
            return null;
        }

        var body = new byte[claimedLength ?? Math.Min(FirstBytes, maxBytes)];
        var length = 0;
        while (true)
        {
            if (length == body.Length)
            {
                // Whether there is more must be known before there is room for it.
                var next = new byte[1];
                if (await source.ReadAsync(next, cancellation) == 0)
                {
                    return body;
                }

                if (length >= maxBytes)
                {
                    return null;
                }

                Array.Resize(ref body, (int)Math.Min(maxBytes, Math.Max(FirstBytes, body.Length * 2L)));
                body[length++] = next[0];
                continue;
            }

            var read = await source.ReadAsync(body.AsMemory(length), cancellation);
            if (read == 0)
            {
                return body[..length];
            }

            length += read;
        }
    }
}
