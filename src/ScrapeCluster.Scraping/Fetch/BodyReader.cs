using System.IO.Compression;

namespace ScrapeCluster.Scraping;

/// <summary>Reads a body into one rented buffer that grows as needed, up to a limit.</summary>
internal sealed class BodyReader(BodyBufferPool buffers)
{
    private const int GzipWindowBytes = 8192;

    /// <summary>Reading <paramref name="limitBytes"/> bytes or more is <see cref="ReadBody.TooLarge"/>; then nothing is rented any more.</summary>
    public async ValueTask<ReadBody> ReadAsync(Stream stream, int expectedBytes, long limitBytes, CancellationToken cancellationToken)
    {
        // One byte more than expected, so that the end is seen without growing.
        var buffer = buffers.Rent((int)Math.Min(expectedBytes + 1L, limitBytes));
        var length = 0;
        try
        {
            while (true)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }

                var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
                length += read;
                if (length >= limitBytes)
                {
                    buffers.Return(buffer);
                    return ReadBody.TooLarge;
                }

                if (read == 0)
                {
                    return new ReadBody(buffer, length);
                }
            }
        }
        catch
        {
            buffers.Return(buffer);
            throw;
        }
    }

    /// <summary>Unpacks gzip and gives the packed buffer back. Never unpacks more than the limit, whatever the sender claims.</summary>
    public ReadBody Gunzip(ReadBody packed, int expectedBytes, long limitBytes)
    {
        byte[]? buffer = null;
        try
        {
            using var stream = new GZipStream(new MemoryStream(packed.Buffer!, 0, packed.Length, writable: false), CompressionMode.Decompress);
            buffer = buffers.Rent((int)Math.Min(Math.Max(expectedBytes + 1L, GzipWindowBytes), limitBytes));
            var length = 0;
            while (true)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }

                var read = stream.Read(buffer.AsSpan(length));
                length += read;
                if (length >= limitBytes)
                {
                    return ReadBody.TooLarge;
                }

                if (read == 0)
                {
                    var unpacked = new ReadBody(buffer, length);
                    buffer = null;
                    return unpacked;
                }
            }
        }
        finally
        {
            buffers.Return(packed.Buffer!);
            if (buffer is not null)
            {
                buffers.Return(buffer);
            }
        }
    }

    private byte[] Grow(byte[] buffer)
    {
        var grown = buffers.Rent((int)Math.Min(buffer.Length * 2L, Array.MaxLength));
        buffer.CopyTo(grown, 0);
        buffers.Return(buffer);
        return grown;
    }
}

internal readonly record struct ReadBody(byte[]? Buffer, int Length)
{
    public static readonly ReadBody TooLarge = new(null, -1);

    public bool IsTooLarge => Length < 0;
}
