namespace ScrapeCluster.Storage.Files;

/// <summary>
/// The file system as those see it who write what must outlive a power cut: so thin that a full disk, a short write, or a disk that forgets what was
/// not forced to it can be played in its place. Contents last from <see cref="IDataFile.FlushToDisk"/> on, names (of what was made, renamed or deleted)
/// from <see cref="FlushFolder"/> of the folder that holds them on. Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal interface IDataFiles
{
    /// <summary>Creates the file, which must not exist, and makes its name durable.</summary>
    IDataFile Create(string path);

    /// <summary>Opens a file that exists, for reading; it stays readable when it is deleted.</summary>
    /// <exception cref="FileNotFoundException">There is none, or its folder (<see cref="DirectoryNotFoundException"/>).</exception>
    IReadableFile OpenToRead(string path);

    /// <summary>Opens a file that exists, for writing.</summary>
    IDataFile Open(string path);

    /// <summary>Makes the folder, and those above it that are missing, with durable names. One that is there already is no fault.</summary>
    void CreateFolder(string path);

    /// <summary>Renames a folder or a file, the latter also over another file. Whoever looks finds the old state or the new one.</summary>
    void Move(string from, string to);

    /// <summary>One that is not there is no fault.</summary>
    void Delete(string path);

    /// <summary>With all that is in it. One that is not there is no fault.</summary>
    void DeleteFolder(string path);

    void FlushFolder(string path);
}

/// <summary>One file open for writing. Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
internal interface IDataFile : IDisposable
{
    /// <summary>Writes all of it or throws; how much arrived before a throw is unknown.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    void SetLength(long length);

    /// <summary>After a throw nobody knows what of the file is on the disk, and a second call that succeeds does not change that.</summary>
    void FlushToDisk();
}
