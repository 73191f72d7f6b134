namespace ScrapeCluster.Storage.Files;

/// <summary>One file open for reading by positions, by any number of threads. Read it through <see cref="Reading"/>, which tells where a disk fails.</summary>
internal interface IReadableFile : IDisposable
{
    string Path { get; }

    /// <summary>As it is now.</summary>
    long Length { get; }

    /// <summary>Gives how many bytes were read; 0 at the end of the file.</summary>
    int Read(Span<byte> bytes, long offset);
}
