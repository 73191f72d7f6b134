using System.Buffers.Binary;
using ScrapeCluster.Cluster.Config;

namespace ScrapeCluster.Node.Clustering;

/// <summary>The last version that ran here, in a file of the data directory, as sealed as in the store: 8 bytes version, then the payload.</summary>
internal sealed class KeptConfig(string? file)
{
    private const int VersionBytes = 8;
    private const int MostBytes = ConfigBundle.MaxBytes + 1024;

    public string File => file ?? "";

    /// <summary>Null when there is none that can be read.</summary>
    public (long Version, byte[] Payload)? Read()
    {
        try
        {
            if (file is null || new FileInfo(file) is not { Exists: true, Length: > VersionBytes and <= MostBytes })
            {
                return null;
            }

            var bytes = System.IO.File.ReadAllBytes(file);
            return (BinaryPrimitives.ReadInt64LittleEndian(bytes), bytes[VersionBytes..]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Why it could not be kept; null when it was.</summary>
    public string? Write(long version, byte[] payload)
    {
        if (file is null)
        {
            return null;
        }

        var bytes = new byte[VersionBytes + payload.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, version);
        payload.CopyTo(bytes, VersionBytes);
        try
        {
            // Whole or not at all: the file before it is better than half of this one.
            var unfinished = file + ".tmp";
            System.IO.File.WriteAllBytes(unfinished, bytes);
            System.IO.File.Move(unfinished, file, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
