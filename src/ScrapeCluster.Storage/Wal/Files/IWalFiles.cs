namespace ScrapeCluster.Storage.Wal.Files;

/// <summary>The file system as the log's writer sees it: so thin that a full disk, a short write or a crash can be played in its place.</summary>
internal interface IWalFiles
{
    /// <summary>Creates the file, which must not exist, and makes its name durable.</summary>
    IWalFile Create(string path);
}

/// <summary>One segment open for writing. Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
internal interface IWalFile : IDisposable
{
    /// <summary>Writes all of it or throws; how much arrived before a throw is unknown.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    void SetLength(long length);

    void FlushToDisk();
}
