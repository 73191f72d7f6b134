namespace ScrapeCluster.Storage.Files;

/// <summary>Reads files so that a fault of the disk names file and offset.</summary>
internal static class Reading
{
    /// <summary>Gives how many bytes were read; 0 at the end of the file.</summary>
    /// <exception cref="ReadFaultException">The disk fails.</exception>
    public static int ReadAt(this IReadableFile file, Span<byte> bytes, long offset)
    {
        try
        {
            return file.Read(bytes, offset);
        }
        catch (IOException failure)
        {
            throw new ReadFaultException(file.Path, offset, failure);
        }
    }

    /// <summary>Fewer bytes than asked for only at the end of the file.</summary>
    /// <exception cref="ReadFaultException">The disk fails.</exception>
    public static int ReadUpTo(this IReadableFile file, Span<byte> bytes, long offset)
    {
        var total = 0;
        while (total < bytes.Length)
        {
            var read = file.ReadAt(bytes[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <summary>The whole file; null when there is none. That its folder, or the disk, cannot be asked is an error, not its absence.</summary>
    /// <exception cref="ReadFaultException">The disk fails.</exception>
    public static byte[]? ReadAllIfThere(this IDataFiles files, string path)
    {
        try
        {
            return files.ReadAll(path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <exception cref="ReadFaultException">The disk fails.</exception>
    public static byte[] ReadAll(this IDataFiles files, string path)
    {
        using var file = files.OpenToRead(path);
        var bytes = new byte[file.Length];
        var read = file.ReadUpTo(bytes, 0);
        return read == bytes.Length ? bytes : throw new EndOfStreamException($"{path} ends at {read}, {bytes.Length} bytes were expected");
    }

    /// <summary>What <paramref name="list"/> finds in a folder; nothing where the folder is not there. That it cannot be looked into is an error.</summary>
    public static IReadOnlyList<string> ListIfThere(string folder, Func<string, IEnumerable<string>> list)
    {
        try
        {
            return [.. list(folder)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
